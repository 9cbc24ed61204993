import { existsSync } from "node:fs";
import { ormOptions } from "./dist/database/options.js";
import { entities } from "./dist/entities.js";
import { loadDataConfig } from "./dist/settings/config.js";

// For the ORM's command line, as in `npm run migrate:create`; the server does not read it.
if (existsSync(".env")) process.loadEnvFile();

export default await ormOptions(loadDataConfig(process.env).database, entities);
