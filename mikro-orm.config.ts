import { ormOptions } from "./build/database/options.js";
import { tablesWith } from "./build/entities.js";
import { loadDataConfig } from "./build/settings/config.js";
import { readEnvFile } from "./build/settings/env-file.js";

// For the ORM's command line, as in `npm run migrate:create`; the server does not read it.
const env = { ...readEnvFile()?.values, ...process.env };

export default await ormOptions(loadDataConfig(env).database, tablesWith());
