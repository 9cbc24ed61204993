/** A round avatar. Without an image, or with one that doesn't load, it is a silhouette drawn with CSS. */
Component({
  properties: {
    src: String,
    /** The diameter in pixels. */
    size: { type: Number, value: 64 },
  },
  data: { isBroken: false },
  observers: {
    src() {
      this.setData({ isBroken: false });
    },
  },
  methods: {
    onError() {
      this.setData({ isBroken: true });
    },
  },
});
