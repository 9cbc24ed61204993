#!/usr/bin/env node
import { boot } from "./command/boot.js";

await boot(() => import("./command/server.js"));
