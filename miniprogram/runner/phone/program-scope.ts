import type { CodeSpace, ComponentEnv } from "glass-easel-miniprogram-adapter";
import type { Program } from "../protocol.ts";
import type { ReportFault } from "./faults.ts";
import type { PageStack } from "./page-stack.ts";

type Definition = Record<string, unknown>;

interface ScopeNeeds {
  program: Program;
  space: CodeSpace;
  pages: PageStack;
  wx: object;
  report: ReportFault;
}

/** The globals by which a program's files register what they define, and the app that they have registered. */
export function createProgramScope({ program, space, pages, wx, report }: ScopeNeeds) {
  const parts = new Map(program.parts.map((part) => [part.path, part]));
  let path = "app";
  let app: Definition = {};

  const here = <Result>(use: (env: ComponentEnv) => Result): Result => space.componentEnv(path, use);

  function checkHandlers(methods: unknown): void {
    const defined = typeof methods === "object" && methods !== null ? methods : {};
    for (const name of parts.get(path)?.handlers ?? []) {
      if (!(name in defined)) report(`${path}.wxml calls ${name}, which ${path}.ts doesn't have`);
    }
  }

  const scope = {
    wx,
    runner: {
      /** The bundle says whose code comes next. */
      enter(next: string) {
        path = next;
      },
    },
    App(definition: Definition) {
      app = definition;
    },
    getApp: () => app,
    getCurrentPages: () => pages.all().map(({ caller }) => caller),
    Page(definition: Definition) {
      checkHandlers(definition);
      here(({ Page }) => Page(definition));
    },
    Component(definition: Definition) {
      checkHandlers(definition["methods"]);
      here(({ Component }) => Component(definition));
    },
    Behavior: (definition: Definition) => here(({ Behavior }) => Behavior(definition)),
  };

  return {
    scope,
    /** Calls a method of the app, if it has one. */
    callApp(name: string, ...values: unknown[]): void {
      const method = app[name];
      if (typeof method !== "function") return;
      const outcome: unknown = method.apply(app, values);
      if (outcome instanceof Promise) outcome.catch(report);
    },
  };
}
