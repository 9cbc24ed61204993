import type { FastifyInstance } from "fastify";
import type { JwtKeys } from "../tokens/access-keys.js";
import { keySetOf } from "../tokens/key-set.js";

/** For which nobody need ask again: long enough for a crowd, short enough that a new key is known before it signs. */
const maxAgeSeconds = 300;

const headers = {
  "cache-control": `public, max-age=${maxAgeSeconds}`,
  // Any web page may read what is public.
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
};

const keySetPath = "/.well-known/jwks.json";

/** The key set with which other services check access tokens, and the documents by which they find it. */
export function addKeyRoutes(
  server: FastifyInstance,
  keys: JwtKeys,
  { publicUrl, introspects }: { publicUrl: string; introspects: boolean },
): void {
  const metadata = metadataOf(keys, publicUrl, introspects);
  const documents = new Map<string, object>([[keySetPath, keySetOf(keys)]]);
  for (const path of metadataPaths(publicUrl)) documents.set(path, metadata);
  for (const [url, document] of documents) {
    server.route({ method: ["GET", "HEAD"], url, handler: (_, reply) => reply.headers(headers).send(document) });
  }
}

/**
 * Where the metadata is looked for. OpenID Connect writes its path behind the issuer's, which the proxy takes away; RFC 8414 in
 * front of it, which a proxy can only pass on.
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-3
 */
function metadataPaths(publicUrl: string): string[] {
  const [openid, oauth] = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];
  const { pathname } = new URL(publicUrl);
  return /^(\/[\w.~-]+)+$/.test(pathname) ? [openid, oauth, openid + pathname, oauth + pathname] : [openid, oauth];
}

/** What RFC 8414 and OpenID Connect Discovery demand of whoever only signs; nobody is sent here to sign in. */
function metadataOf({ keys }: JwtKeys, issuer: string, introspects: boolean) {
  const introspection = {
    introspection_endpoint: `${issuer}/introspect`,
    introspection_endpoint_auth_methods_supported: ["Bearer"],
  };
  return {
    issuer,
    jwks_uri: `${issuer}${keySetPath}`,
    response_types_supported: [],
    grant_types_supported: [],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: [...new Set(keys.map(({ algorithm }) => algorithm))],
    ...(introspects ? introspection : {}),
  };
}
