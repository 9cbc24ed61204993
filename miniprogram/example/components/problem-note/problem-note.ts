import type { Problem } from "../../lib/describe-error";

const none: Problem | null = null;

/**
 * Says what went wrong. `whole` fills the page, for when there is nothing else to show; otherwise it is a note above the
 * content. The event `retry` asks the page to try again.
 */
Component({
  properties: {
    problem: { type: Object, value: none },
    whole: Boolean,
    /** What the button says; empty for none. */
    retryText: { type: String, value: "重试" },
  },
  methods: {
    retry() {
      this.triggerEvent("retry");
    },
  },
});
