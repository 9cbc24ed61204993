/** What the explorer opens with: the way from a login to a changed profile and renewed tokens. Its lines fit GraphiQL's editor in a small window. */
export const operations = `# 点 ▶ 选一个操作。先 Login，其余自动带令牌。
# Press ▶ and choose. Login first: the rest
# carry its tokens by themselves.

# 1 登录。任何名字都行，同名即同一人；
#   用真实 AppID 时，填 wx.login 的 code
#   Sign in: any name is a person. With a
#   real AppID, put the code of wx.login.
mutation Login {
  wxLogin(code: "alice") {
    token
    refreshToken
    isNewUser
    user { id nickname }
  }
}

# 2 当前用户 · The signed-in user
query Me {
  me { id nickname birthday createdAt }
}

# 3 修改资料 · Change the profile
mutation UpdateProfile {
  updateProfile(input: {
    nickname: "爱丽丝"
    birthday: "2000-02-29"
    signature: null # 清空 · clears it
  }) { id nickname birthday }
}

# 4 换新令牌。自动填入最近的 refreshToken
#   Renew the tokens: the refreshToken is
#   filled in by itself.
mutation Refresh($refreshToken: String!) {
  refreshToken(refreshToken: $refreshToken) {
    token
    refreshToken
    expiresAt
  }
}
`;

/** The variables of these operations; an empty one is filled in when the operation is sent. */
export const variables = { refreshToken: "" };
