/** Looks at Node's version before anything else of the library runs: an older one crashes at what the rest loads. */
import { faultOfNode } from "../command/boot.js";

const fault = faultOfNode();
if (fault !== undefined) throw new Error(fault);
