/**
 * wxpass 服务器的地址，不带结尾的斜杠。The address of your wxpass server, without a slash at the end.
 *
 * - 开发者工具 DevTools: `http://127.0.0.1:4000`
 * - 真机调试，手机和电脑在同一个局域网 a real phone in your LAN: `http://192.168.1.20:4000`，服务器用
 *   `HOST=0.0.0.0 PUBLIC_URL=http://192.168.1.20:4000 WECHAT_APPS=AppID:AppSecret npm start` 启动
 * - 正式上线 production: `https://account.example.com`，并在小程序后台把域名登记为 request 和 uploadFile 合法域名
 */
export const serverUrl = "http://127.0.0.1:4000";
