/** A phone number without four of its digits, such as `+86138****8000`. */
export const maskPhone = (phone: string): string => `${phone.slice(0, -8)}****${phone.slice(-4)}`;

/** An e-mail address of which the first letter and the domain are left, such as `a***@example.com`. */
export function maskEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return `${at > 1 ? email.slice(0, 1) : ""}***${email.slice(at)}`;
}

/** Both ends of an openid or a unionid. */
export const maskId = (id: string): string => `${id.slice(0, 4)}…${id.slice(-4)}`;
