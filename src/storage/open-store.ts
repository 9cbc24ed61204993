import { openDiskStore } from "./disk-store.js";
import type { FileStore } from "./file-store.js";
import type { StorageConfig } from "./storage-url.js";

interface StoreOptions {
  publicUrl: string;
  fetch: typeof globalThis.fetch;
  now: () => Date;
}

/** Opens the store that `STORAGE_URL` names; only what reads that kind of store is loaded. */
export async function openFileStore(config: StorageConfig, options: StoreOptions): Promise<FileStore> {
  if (config.kind === "disk") return openDiskStore(config.folder, options.publicUrl);
  const { createS3Store } = await import("./s3-store.js");
  return createS3Store(config, options);
}
