import { openDiskStore } from "./disk-store.js";
import type { FileStore } from "./file-store.js";
import { createS3Store } from "./s3-store.js";
import type { StorageConfig } from "./storage-url.js";

interface StoreOptions {
  publicUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

/** Opens the store that `STORAGE_URL` names. */
export async function openFileStore(config: StorageConfig, options: StoreOptions): Promise<FileStore> {
  return config.kind === "disk" ? openDiskStore(config.folder, options.publicUrl) : createS3Store(config, options);
}
