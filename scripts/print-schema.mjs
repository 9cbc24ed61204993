import { writeFileSync } from "node:fs";
import { printedSchema } from "../dist/schema.js";

writeFileSync("schema.graphql", printedSchema());
