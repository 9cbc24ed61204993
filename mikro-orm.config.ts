import { ormOptions } from "./dist/database/options.js";
import { entities } from "./dist/entities.js";
import { loadDataConfig } from "./dist/settings/config.js";
import { readEnvFile } from "./dist/settings/env-file.js";

// For the ORM's command line, as in `npm run migrate:create`; the server does not read it.
const env = { ...readEnvFile()?.values, ...process.env };

export default await ormOptions(loadDataConfig(env).database, entities);
