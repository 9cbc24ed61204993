import { GraphQLScalarType } from "graphql";
import {
  GraphQLDateTime,
  GraphQLEmailAddress,
  GraphQLJSONObject,
  GraphQLLocalDate,
  GraphQLPhoneNumber,
} from "graphql-scalars";

/**
 * A scalar of graphql-scalars that leaves the checking of input to the profile's rules. Those are stricter, and every
 * value that breaks one is answered alike: `BAD_USER_INPUT` with the field's name, in the client's language.
 */
function checkedByRules(scalar: GraphQLScalarType, description: string): GraphQLScalarType {
  const { parseValue: _, parseLiteral: __, ...config } = scalar.toConfig();
  return new GraphQLScalarType({ ...config, description });
}

export const EmailAddress = checkedByRules(
  GraphQLEmailAddress,
  "An e-mail address, such as `name@example.com`. 电子邮箱地址。",
);

export const LocalDate = checkedByRules(
  GraphQLLocalDate,
  "A calendar date without a time, written `YYYY-MM-DD`. 日期，格式为 `YYYY-MM-DD`。",
);

export const PhoneNumber = new GraphQLScalarType({
  ...GraphQLPhoneNumber.toConfig(),
  description: "A phone number in E.164, such as `+8613800138000`. E.164 格式的手机号，如 `+8613800138000`。",
});

export const DateTime = GraphQLDateTime;

export const JSONObject = new GraphQLScalarType({
  ...GraphQLJSONObject.toConfig(),
  description: "A JSON object. JSON 对象。",
});
