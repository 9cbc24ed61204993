/** What is wrong with a mini-program's files, every fault at once, each with its file. */
export class ProgramFault extends Error {
  constructor(faults: string[]) {
    super(`the mini-program has ${faults.length} fault${faults.length === 1 ? "" : "s"}:\n  ${faults.join("\n  ")}`);
    this.name = "ProgramFault";
  }
}
