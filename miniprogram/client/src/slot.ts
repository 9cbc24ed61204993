export const nothing = () => undefined;

/** Where a call is found while it is under way. */
export interface Slot<Result> {
  call?: Promise<Result> | undefined;
}

/** Waits for the call in a slot, and gives its result if there is one. */
export const settled = <Result>({ call }: Slot<Result>): Promise<Result | undefined> =>
  Promise.resolve(call).catch(nothing);

/** Puts a call into a slot until it has ended, or another takes its place. */
export function occupy<Result, Own extends Result>(slot: Slot<Result>, call: Promise<Own>): Promise<Own> {
  const leave = () => {
    if (slot.call === call) slot.call = undefined;
  };
  slot.call = call;
  call.then(leave, leave);
  return call;
}
