/** What of JavaScript itself a mini-program has on every phone. */
const language = `
  undefined NaN Infinity Object Function Array String Number Boolean Symbol Math JSON Date RegExp Promise Proxy Reflect
  Map Set WeakMap WeakSet Error TypeError RangeError SyntaxError ReferenceError EvalError URIError ArrayBuffer DataView
  Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float32Array Float64Array
  parseInt parseFloat isNaN isFinite encodeURI encodeURIComponent decodeURI decodeURIComponent escape unescape
`;

/**
 * The scope of a mini-program's code: what it is given and the language itself. Whatever else a browser has isn't there, as in WeChat:
 * no `window`, `document`, `fetch`, `URL`, `Intl` or `localStorage`.
 */
export function createSandbox(given: object): object {
  const scope = Object.assign(Object.create(null), given, {
    console,
    setTimeout: setTimeout.bind(window),
    clearTimeout: clearTimeout.bind(window),
    setInterval: setInterval.bind(window),
    clearInterval: clearInterval.bind(window),
  });
  for (const name of language.split(/\s+/).filter(Boolean)) scope[name] = Reflect.get(globalThis, name);
  return new Proxy(scope, { has: () => true });
}
