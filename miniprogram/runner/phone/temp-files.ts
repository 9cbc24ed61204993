import type { Picture } from "../protocol.ts";

/** Files that a person has chosen, under the paths by which a page knows them until the program is closed. */
export interface TempFiles {
  add(picture: Picture): string;
  find(path: string): Picture | undefined;
  /** What an `<image>` loads: a chosen file's content, or the address as it is. */
  sourceOf(path: string): string;
}

export function createTempFiles(): TempFiles {
  const files = new Map<string, Picture>();
  return {
    add(picture) {
      const path = `http://tmp/${files.size + 1}-${picture.fileName}`;
      files.set(path, picture);
      return path;
    },
    find: (path) => files.get(path),
    sourceOf(path) {
      const file = files.get(path);
      return file ? `data:${file.type};base64,${file.content}` : path;
    },
  };
}
