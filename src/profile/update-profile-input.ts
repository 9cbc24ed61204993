import { Field, InputType } from "type-graphql";
import { Gender } from "../user/gender.js";
import { EmailAddress, LocalDate } from "../user/scalars.js";

/** What a caller may change. Each property is absent (keep), null (clear) or a value that the rules have yet to check. */
@InputType({
  description:
    "What to change in the profile. A field left out stays as it is; `null` clears it. 要修改的资料：不传的字段保持不变，传 `null` 则清空。",
})
export class UpdateProfileInput {
  @Field(() => String, {
    nullable: true,
    description: "One line of 1 to 32 characters. 昵称，1 至 32 个字符，不能换行。",
  })
  nickname?: string | null;

  @Field(() => EmailAddress, {
    nullable: true,
    description: "A deliverable address of up to 254 characters. 有效的邮箱地址。",
  })
  email?: unknown;

  @Field(() => LocalDate, {
    nullable: true,
    description: "A real date from 1900-01-01 to today. 1900-01-01 至今天的真实日期。",
  })
  birthday?: unknown;

  @Field(() => Gender, { nullable: true, description: "`MALE` or `FEMALE`. 性别。" })
  gender?: Gender | null;

  @Field(() => String, { nullable: true, description: "1 to 200 characters. 地址，1 至 200 个字符。" })
  address?: string | null;

  @Field(() => String, { nullable: true, description: "1 to 120 characters. 个性签名，1 至 120 个字符。" })
  signature?: string | null;
}
