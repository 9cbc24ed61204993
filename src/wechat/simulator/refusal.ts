import type { Fault } from "./faults.js";

/** WeChat's refusal of a call. */
export class Refusal extends Error {
  readonly errcode: number;

  constructor(errcode: number) {
    super(`errcode ${errcode}`);
    this.errcode = errcode;
  }
}

/** The wish for an answer that is none. */
export class FaultWish extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`fault ${fault}`);
    this.fault = fault;
  }
}
