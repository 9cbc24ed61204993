/** The sign of the program: a pass, drawn with CSS. Put your own logo here. */
Component({});
