import { randomBytes } from "node:crypto";

/** Keeps the avatars. What is stored under a name never changes. */
export interface AvatarStore {
  /** Stores an avatar: wholly, or not at all. */
  put(name: string, image: Uint8Array): Promise<void>;
  /** Removes an avatar, if it is there. */
  remove(name: string): Promise<void>;
  /** Where clients find it. */
  url(name: string): string;
  /** Reads an avatar that this server itself has to serve. A store with addresses of its own has no such method. */
  read?(name: string): Promise<Buffer | undefined>;
}

/** The media type of every avatar. */
export const avatarType = "image/jpeg";

/** How long anybody may keep a copy: for good, since what is stored under a name never changes. */
export const avatarCaching = "public, max-age=31536000, immutable";

/** A new name that nobody can guess. */
export const newAvatarName = () => `${randomBytes(16).toString("hex")}.jpg`;

/** Whether this could be the name of an avatar. */
export const isAvatarName = (name: string) => /^[0-9a-f]{32}\.jpg$/.test(name);
