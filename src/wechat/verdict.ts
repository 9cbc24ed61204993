import { z } from "zod";

/** What WeChat's content check says of a text or an image. It has sent labels as numbers and as text. */
export const verdictShape = z.object({
  /** It is fine, a person should look at it, or it must not be shown. */
  suggest: z.enum(["pass", "review", "risky"]),
  /** The kind of fault: 100 is none, 20002 is pornography, and so on. */
  label: z.coerce.number().optional().catch(undefined),
});

export type Verdict = z.infer<typeof verdictShape>;
