/** A labelled line of a form, with room for what is wrong with its value. The control itself comes in the slot. */
Component({
  properties: {
    label: String,
    /** Said in small print under the control. */
    error: String,
    /** Puts the control under the label, for longer texts. */
    tall: Boolean,
    /** Such as `12/120`, on the right of a tall field's label. */
    counter: String,
  },
});
