import multipart from "@fastify/multipart";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { uploadAvatar } from "../../avatar/upload-avatar.js";
import type { Services } from "../../context.js";
import { AppError, presentError } from "../../errors.js";
import { describeError } from "../../log.js";
import type { CreateContext } from "../create-context.js";
import { languageOf } from "../negotiation.js";
import { badRequest } from "../request-errors.js";
import { createUploadAdmission } from "./admission.js";
import { BadUpload, maxBodyBytes, readUploadedFile, uploadLimits } from "./uploaded-file.js";

/**
 * `POST /avatar`: one file, as `wx.uploadFile` sends it. Like an executed operation, an upload by whomever is answered
 * with HTTP 200, errors included; 4xx is for bodies that are too large, malformed or no multipart.
 */
export async function addUploadRoute(
  server: FastifyInstance,
  { avatarStore, rateLimits }: Pick<Services, "avatarStore" | "rateLimits">,
  createContext: CreateContext,
): Promise<void> {
  const admission = createUploadAdmission();

  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    await scope.register(multipart, { limits: uploadLimits });

    scope.setErrorHandler((error, request, reply) => {
      const status = error instanceof Error ? Reflect.get(error, "statusCode") : undefined;
      if (status !== 415) throw error;
      return answer(new BadUpload(415), request, reply);
    });

    scope.post("/avatar", { bodyLimit: maxBodyBytes, config: { slowBody: true } }, async (request, reply) => {
      const context = createContext(request);
      try {
        const viewer = await context.viewer();
        const { clientAddress, log } = context;
        await rateLimits.consume("upload", { user: viewer.user.id, address: clientAddress, log });
        const upload = async () => uploadAvatar(context, viewer, await readUploadedFile(request));
        const name = await admission.admit(viewer.user.id, upload);
        return reply.header("cache-control", "no-store").send({ avatarUrl: avatarStore.url(name) });
      } catch (error) {
        if (!(error instanceof AppError || error instanceof BadUpload)) {
          context.log.error({ error: describeError(error) }, "unexpected error");
        }
        return answer(error, request, reply);
      }
    });
  });
}

/** Answers with an error, and tells the request's log line. */
function answer(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const language = languageOf(request.headers);
  const bad = error instanceof BadUpload;
  const presented = presentError(error, language, request.id);
  if (request.operationContext) {
    request.operationContext.logLine.outcome = bad ? "BAD_REQUEST" : presented.extensions.code;
  }
  return reply
    .code(bad ? error.status : 200)
    .header("cache-control", "no-store")
    .send(bad ? badRequest(error.status, language, request.id, error.text[language]) : { errors: [presented] });
}
