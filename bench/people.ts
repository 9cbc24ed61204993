/** Somebody who has signed in. */
export interface Person {
  code: string;
  token: string;
  refreshToken: string | undefined;
}

export const userFields = "id nickname email birthday gender address signature createdAt updatedAt";

export const meBody = JSON.stringify({ query: `query Me { me { ${userFields} } }` });

/** A sign-in as a mini-program asks for it. */
export const signInBody = (code: string): string => signIn(code, "token isNewUser");

const signIn = (code: string, tokens: string) =>
  JSON.stringify({
    query: `mutation Login($code: String!) { wxLogin(code: $code) { ${tokens} user { ${userFields} } } }`,
    variables: { code },
  });

const atOnce = 16;

/** Signs people in, by these codes. Only wxpass gives refresh tokens. */
export async function signInAll(url: string, codes: readonly string[], hasSessions: boolean): Promise<Person[]> {
  const people: Person[] = [];
  for (let index = 0; index < codes.length; index += atOnce) {
    const some = codes.slice(index, index + atOnce);
    people.push(...(await Promise.all(some.map((code) => signInOne(url, code, hasSessions)))));
  }
  return people;
}

async function signInOne(url: string, code: string, hasSessions: boolean): Promise<Person> {
  const body = signIn(code, hasSessions ? "token refreshToken isNewUser" : "token isNewUser");
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const text = await response.text();
  const answer: { data?: { wxLogin?: { token: string; refreshToken?: string } } } = JSON.parse(text);
  if (!answer.data?.wxLogin) throw new Error(`the sign-in at ${url} failed: ${text}`);
  const { token, refreshToken } = answer.data.wxLogin;
  return { code, token, refreshToken };
}
