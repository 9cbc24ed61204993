import type { FastifyInstance } from "fastify";
import { type FileStore, fileCaching, fileType } from "../../storage/file-store.js";
import { refuse } from "../request-errors.js";

/** `GET /avatars/…`: the avatars of a store that has no addresses of its own. */
export function addAvatarFiles(server: FastifyInstance, store: FileStore): void {
  server.get<{ Params: { name: string } }>("/avatars/:name", async (request, reply) => {
    const image = await store.read?.(request.params.name);
    if (!image) return refuse(404, request, reply);
    return reply
      .type(fileType)
      .headers({
        "cache-control": fileCaching,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "cross-origin",
      })
      .send(image);
  });
}
