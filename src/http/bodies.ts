import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";

/** Takes JSON bodies and no others. Bytes that are no UTF-8 are refused, since replacing them would store another text than was sent. */
export function addJsonBody(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>("application/json", { parseAs: "buffer" }, (request, body, done) => {
    if (isUtf8(body)) return parse(request, body.toString(), done);
    done(Object.assign(new Error("the body is not UTF-8"), { statusCode: 400 }), undefined);
  });
}
