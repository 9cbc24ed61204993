import { existsSync } from "node:fs";
import { loadDataConfig } from "./dist/config.js";
import { ormOptions } from "./dist/database.js";

// For the ORM's command line, as in `npm run migrate:create`; the server does not read it.
if (existsSync(".env")) process.loadEnvFile();

export default await ormOptions(loadDataConfig(process.env).database);
