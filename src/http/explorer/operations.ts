/** What the explorer opens with: the way from a login to a changed profile. It fits GraphiQL's editor in a small window. */
export const operations = `# 点 ▶ 选择操作。先运行 Login，之后自动带上令牌。
# Press ▶ and choose. Run Login first: the others
# carry its token by themselves.

# 登录。用真实 AppID 时，alice 换成 wx.login 的 code
# Sign in. With a real AppID, replace alice with
# the code of wx.login.
mutation Login {
  wxLogin(code: "alice") {
    token
    expiresAt
    isNewUser
    user { id nickname }
  }
}

# 当前用户 · The signed-in user
query Me {
  me { id nickname birthday gender createdAt }
}

# 修改资料 · Change the profile
mutation UpdateProfile {
  updateProfile(input: {
    nickname: "爱丽丝"
    birthday: "2000-02-29" # null: 清空 · clears
  }) { id nickname birthday }
}
`;
