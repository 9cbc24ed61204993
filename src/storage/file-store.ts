import { randomBytes } from "node:crypto";

/** Keeps files, which are all of one kind. What is stored under a name never changes. */
export interface FileStore {
  /** Stores a file: wholly, or not at all. */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file, if it is there, and what a crash left of one that was being stored. */
  remove(name: string): Promise<void>;
  /** The names of all that is there, whoever stored it. */
  list(): AsyncIterable<string>;
  /** Where clients find it. */
  url(name: string): string;
  /** Reads a file that this server itself has to serve. A store with addresses of its own has no such method. */
  read?(name: string): Promise<Buffer | undefined>;
}

/** The media type of every file. */
export const fileType = "image/jpeg";

/** How long anybody may keep a copy: what is stored under a name never changes, but it may have to go. */
export const fileCaching = "public, max-age=86400, immutable";

/** A new name that nobody can guess. */
export const newFileName = () => `${randomBytes(16).toString("hex")}.jpg`;

/** Whether this could be the name of a file. */
export const isFileName = (name: string) => /^[0-9a-f]{32}\.jpg$/.test(name);
