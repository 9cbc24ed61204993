import type { Problem } from "../../lib/describe-error";
import { describeError } from "../../lib/describe-error";
import { formatDate, genderNames } from "../../lib/describe-user";
import type { ProfileField, ProfileForm } from "../../lib/profile-form";
import { fillForm, isProfileField, profileChanges } from "../../lib/profile-form";
import { wxpass } from "../../lib/wxpass";
import type { User } from "../../wxpass/wxpass.js";
import { isWxpassError } from "../../wxpass/wxpass.js";

/** The choices of the gender picker, in its order. */
const genders: ProfileForm["gender"][] = ["", "MALE", "FEMALE"];

interface EditData {
  /** What the server has. Null until it has answered. */
  saved: User | null;
  /** What has been typed and chosen; nothing but the person changes it. */
  form: ProfileForm | null;
  /** What the server says about single fields. */
  errors: Record<ProfileField, string>;
  problem: Problem | null;
  isChanged: boolean;
  isSaving: boolean;
  isPrivacyRefused: boolean;
  genderNames: string[];
  genderIndex: number;
  birthdayText: string;
  today: string;
}

const data: EditData = {
  saved: null,
  form: null,
  errors: noErrors(),
  problem: null,
  isChanged: false,
  isSaving: false,
  isPrivacyRefused: false,
  genderNames: genders.map((gender) => (gender ? genderNames[gender] : "未填写")),
  genderIndex: 0,
  birthdayText: "",
  today: "",
};

type TypeEvent = WechatMiniprogram.CustomEvent<{ value: string }, object, { field: ProfileField }>;

/** The form of the profile. The avatar saves itself, everything else is saved by the button. */
Page({
  data,

  onLoad() {
    return this.load();
  },

  async load() {
    this.setData({ problem: null });
    try {
      const saved = await wxpass.me();
      const form = fillForm(saved);
      this.setData({
        saved,
        form,
        genderIndex: genders.indexOf(form.gender),
        birthdayText: form.birthday && formatDate(form.birthday),
        today: localDate(new Date()),
      });
    } catch (error) {
      this.setData({ problem: describeError(error) });
    }
  },

  /** A nickname that WeChat suggests comes as `change`, and only on phones as `input`, too; `blur` may have the text before it. */
  type({ currentTarget, detail }: TypeEvent) {
    this.change(currentTarget.dataset.field, detail.value);
  },

  chooseGender({ detail }: WechatMiniprogram.PickerChange) {
    const genderIndex = Number(detail.value);
    this.setData({ genderIndex });
    this.change("gender", genders[genderIndex] ?? "");
  },

  chooseBirthday({ detail }: WechatMiniprogram.PickerChange) {
    this.changeBirthday(String(detail.value));
  },

  clearBirthday() {
    this.changeBirthday("");
  },

  changeBirthday(birthday: string) {
    this.setData({ birthdayText: birthday && formatDate(birthday) });
    this.change("birthday", birthday);
  },

  /** Keeps a new value. What the server said about the old one goes away. */
  change(field: ProfileField, value: string) {
    const { saved, form } = this.data;
    if (!saved || !form || form[field] === value) return;
    const isChanged = Object.keys(profileChanges({ ...form, [field]: value }, saved)).length > 0;
    this.setData({ [`form.${field}`]: value, [`errors.${field}`]: "", isChanged });
    if (isChanged) wx.enableAlertBeforeUnload({ message: "修改还没有保存，确定离开吗？" });
    else wx.disableAlertBeforeUnload();
  },

  /** WeChat checks nicknames by itself, after the field has lost the focus; its verdict may come too late for the button. */
  reviewNickname({ detail }: WechatMiniprogram.NicknameReview) {
    if (detail.pass || detail.timeout) return;
    this.change("nickname", this.data.saved?.nickname ?? "");
    this.setData({ "errors.nickname": "昵称没有通过微信的安全检测，请换一个" });
  },

  async save() {
    const { saved, form, isSaving } = this.data;
    if (!saved || !form || isSaving) return;
    this.setData({ isSaving: true, errors: noErrors(), problem: null });
    try {
      await wxpass.updateProfile(profileChanges(form, saved));
      wx.disableAlertBeforeUnload();
      // After going back, since a toast goes away with its page.
      wx.navigateBack({ complete: () => wx.showToast({ title: "已保存", icon: "success" }) });
    } catch (error) {
      this.showFault(error);
    } finally {
      this.setData({ isSaving: false });
    }
  },

  /** Shows what is wrong with a value at its field, and anything else above the form. What was typed stays. */
  showFault(error: unknown) {
    const field = isWxpassError(error) && error.retry === "NEVER" ? error.field : undefined;
    if (isWxpassError(error) && isProfileField(field)) {
      this.setData({ [`errors.${field}`]: error.message });
      wx.pageScrollTo({ selector: `#${field}`, offsetTop: -24 });
    } else {
      this.setData({ problem: describeError(error, "保存失败") });
      wx.pageScrollTo({ scrollTop: 0 });
    }
  },

  /** WeChat would ask again whenever the nickname field gets the focus, so that becomes an ordinary one. */
  onPrivacyRefused() {
    this.setData({ isPrivacyRefused: true });
  },

  onPrivacyAgreed() {
    this.setData({ isPrivacyRefused: false });
  },
});

/** A new object each time, because `setData` writes into the one that it was given. */
function noErrors(): Record<ProfileField, string> {
  return { nickname: "", gender: "", birthday: "", signature: "", address: "", email: "" };
}

/** Today on this phone, as the date picker wants it. */
function localDate(now: Date): string {
  const twoDigits = (number: number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${twoDigits(now.getMonth() + 1)}-${twoDigits(now.getDate())}`;
}
