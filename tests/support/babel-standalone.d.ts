/** The little that the tests use of @babel/standalone, which has no types. */
declare module "@babel/standalone" {
  export function transform(
    source: string,
    options: { presets: (string | [string, object])[]; sourceType: "script" | "module" },
  ): { code: string | null };
}
