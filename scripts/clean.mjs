// Removes what was built: an earlier build may have left chunks that nothing loads any more. Run before the package is packed.
import { rmSync } from "node:fs";
import { join } from "node:path";

for (const folder of ["build", "dist"])
  rmSync(join(import.meta.dirname, "..", folder), { recursive: true, force: true });
