import { z } from "zod";

/** What the server sends to an image worker. */
export interface ImageTask {
  file: Uint8Array;
  /** Whether the worker may take up an image that takes long. */
  allowHeavy: boolean;
  /** Bytes of memory at which the worker ends itself. */
  maxResidentBytes: number;
}

const begun = z.strictObject({ begun: z.literal(true) });
const image = z.strictObject({ image: z.custom<Uint8Array>((value) => value instanceof Uint8Array) });
const heavy = z.strictObject({ heavy: z.literal(true) });
const fault = z.strictObject({ fault: z.enum(["broken", "tooManyPixels", "tooManyScans"]) });
const result = z.union([image, heavy, fault]);

/** Why no avatar can be made of an image. */
export type ImageFault = z.infer<typeof fault>["fault"];

/** What became of an image: the avatar, or what is wrong with it; `heavy` if it takes long and only light ones were asked for. */
export type ImageResult = z.infer<typeof result>;

/** What an image worker sends: that it has begun with a task, and what came out. */
export const workerMessage = z.union([begun, result]);
export type WorkerMessage = z.infer<typeof workerMessage>;
