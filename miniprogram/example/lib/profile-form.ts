import type { Gender, UpdateProfileInput, User } from "../wxpass/wxpass.js";

/** The profile as the form holds it: an empty text means that there is none. */
export interface ProfileForm {
  nickname: string;
  gender: Gender | "";
  birthday: string;
  signature: string;
  address: string;
  email: string;
}

export type ProfileField = keyof ProfileForm;

const texts = ["nickname", "birthday", "signature", "address", "email"] as const;

/** Whether a name, such as the `field` of an error, is one of the form's fields. */
export function isProfileField(name: string | undefined): name is ProfileField {
  return name === "gender" || texts.some((field) => field === name);
}

/** The form's starting point. */
export function fillForm(user: User): ProfileForm {
  return {
    nickname: user.nickname ?? "",
    gender: user.gender ?? "",
    birthday: user.birthday ?? "",
    signature: user.signature ?? "",
    address: user.address ?? "",
    email: user.email ?? "",
  };
}

/** What `updateProfile` has to be told: only the fields that differ from what is saved, null for those that were emptied. */
export function profileChanges(form: ProfileForm, saved: User): UpdateProfileInput {
  const changes: UpdateProfileInput = {};
  for (const field of texts) {
    const value = oneLine(form[field]) || null;
    if (value !== saved[field]) changes[field] = value;
  }
  const gender = form.gender || null;
  if (gender !== saved.gender) changes.gender = gender;
  return changes;
}

/** The server keeps every text as one line. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]+\s*/g, " ");
}
