import { createServer } from "node:http";
import { settings } from "./settings.mjs";

/** The least that Node.js can be started for. */
createServer((_, response) => response.end()).listen(settings.port, "127.0.0.1");
