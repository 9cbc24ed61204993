/** What the bench tells a rival. */
export const settings = {
  port: Number(process.env.PORT),
  /** Where its SQLite file is. */
  database: process.env.DATABASE,
  /** `orm` or `prepared`. */
  people: process.env.PEOPLE,
  secret: process.env.JWT_SECRET,
  wechatUrl: process.env.WECHAT_API_URL,
};
