/** A question with two answers. */
interface Question {
  title: string;
  content: string;
  /** What the confirming button says: four characters at most. */
  confirmText: string;
}

/** The red of what can't be undone. */
const danger = "#d9363e";

/** Asks before something is done that may be hard to undo. */
export async function confirm(question: Question): Promise<boolean> {
  const { confirm: confirmed } = await wx.showModal({ ...question, cancelText: "取消", confirmColor: danger });
  return confirmed;
}
