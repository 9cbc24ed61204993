import { AppError } from "../../errors.js";

/** Uploads that the server has in hand at the same time: each may hold as much memory as a file has bytes. */
const maxInHand = 20;

/** Of these, uploads of one user. */
const maxPerUser = 5;

/** Lets a bounded number of uploads in. */
export interface UploadAdmission {
  /**
   * Does the work of an upload.
   * @throws AppError `RATE_LIMITED` if there are too many already
   */
  admit<T>(userId: string, work: () => Promise<T>): Promise<T>;
}

export function createUploadAdmission(): UploadAdmission {
  const inHand: string[] = [];

  return {
    async admit(userId, work) {
      if (inHand.length >= maxInHand || inHand.filter((id) => id === userId).length >= maxPerUser) throw busy();
      inHand.push(userId);
      try {
        return await work();
      } finally {
        inHand.splice(inHand.indexOf(userId), 1);
      }
    },
  };
}

const busy = () =>
  new AppError("RATE_LIMITED", {
    text: { zh: "正在处理的图片太多，请稍后再试", en: "Too many images are being uploaded; try again later" },
  });
