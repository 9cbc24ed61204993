import { serverUrl } from "../config";
import { createWxpass } from "../wxpass/wxpass.js";

/** The one client that all pages share. It signs in by itself when it has to, and keeps the tokens. */
export const wxpass = createWxpass({ url: serverUrl });
