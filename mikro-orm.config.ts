import { existsSync } from "node:fs";
import { loadConfig } from "./dist/config.js";
import { ormOptions } from "./dist/database.js";

// For the ORM's command line, as in `npm run migrate:create`; the server does not read it.
if (existsSync(".env")) process.loadEnvFile();

export default await ormOptions(loadConfig(process.env).database);
