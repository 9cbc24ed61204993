import type { SqlEntityManager } from "@mikro-orm/sql";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { authenticate } from "../auth/viewer.js";
import type { Context, OwnRules, Services, Viewer } from "../context.js";
import { type AppErrorDetails, ClientError, type Language } from "../errors.js";
import { appIdFromReferer } from "../wechat/app.js";
import { clientAddress } from "./client-address.js";
import { bearerOf, languageOf } from "./negotiation.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The context of a request for an operation, whose log line it tells. */
    operationContext: Context | null;
  }
}

/** Makes room for the context at every request. */
export function addOperationContext(server: FastifyInstance): void {
  server.decorateRequest("operationContext", null);
}

/** Builds the context of a request, and keeps it with the request. */
export type CreateContext = (request: FastifyRequest) => Context;

/** Makes the function that builds contexts on these services. */
export function contextsOn(services: Services, own: OwnRules): CreateContext {
  const { em: _, log: __, ...shared } = services;
  return (request) => {
    const context = Object.assign(new RequestParts(services, own, request), shared);
    request.operationContext = context;
    return context;
  };
}

/** What belongs to one request. Each part is made when it is first asked for: most requests need few. */
class RequestParts {
  readonly requestId: string;
  readonly logLine: Context["logLine"] = { outcome: "ok" };
  private readonly made: { em?: SqlEntityManager; log?: Logger; viewer?: Promise<Viewer> } = {};

  constructor(
    private readonly services: Services,
    private readonly own: OwnRules,
    private readonly request: FastifyRequest,
  ) {
    this.requestId = request.id;
  }

  get em(): SqlEntityManager {
    this.made.em ??= this.services.em.fork();
    return this.made.em;
  }

  get log(): Logger {
    this.made.log ??= this.services.log.child({ requestId: this.requestId });
    return this.made.log;
  }

  get language(): Language {
    return languageOf(this.request.headers);
  }

  get refererAppId(): string | undefined {
    return appIdFromReferer(this.request.headers.referer);
  }

  get userAgent(): string | undefined {
    return this.request.headers["user-agent"];
  }

  get clientAddress(): string {
    return clientAddress(this.request);
  }

  // Resolvers may take these out of the context.
  readonly viewer = (): Promise<Viewer> => {
    this.made.viewer ??= this.authenticate();
    return this.made.viewer;
  };

  readonly error = (code: string, details?: AppErrorDetails): ClientError => {
    const kind = this.own.errorKinds[code];
    if (!kind) throw new TypeError(`there is no error code ${code}`);
    return new ClientError(code, kind, details);
  };

  readonly limit = async (name: string): Promise<void> => {
    const user = this.request.headers.authorization === undefined ? undefined : (await this.viewer()).user.id;
    await this.own.rateLimits.consume(name, { user, address: this.clientAddress, log: this.log });
  };

  /** A token is judged only here: a bad one matters to nobody who needs no caller. */
  private async authenticate(): Promise<Viewer> {
    const { viewer } = await authenticate(this.services, bearerOf(this.request.headers));
    this.logLine.userId = viewer.user.id;
    return viewer;
  }
}
