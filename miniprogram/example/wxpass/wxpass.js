// Made by `npm run client`; don't edit. Its source is miniprogram/client/src.
(function() {
	// client/src/json.ts
	const { assign } = Object;
	const isString = (value) => typeof value === "string";
	const isObject = (value) => typeof value === "object" && value !== null;
	/** Parses text, and leaves alone what is parsed already; undefined if there is no object in it. */
	function parseObject(data) {
		try {
			const value = isString(data) ? JSON.parse(data) : data;
			if (isObject(value)) return value;
		} catch (_) {}
	}
	// client/src/platform.ts
	/**
	* The functions that are given, completed by those of `wx`, which is looked at only when one is needed.
	* @internal
	*/
	const platformOf = (given = {}) => (name) => given[name] || wx[name];
	/** How long beyond its timeout a function that has not called back at all is waited for. */
	const graceMs = 2e3;
	/**
	* Calls a function of the platform and waits for whichever comes first: a callback, the promise that Taro returns besides, an
	* exception, or that it takes too long, since a sign-in that never ends would block every call after it.
	* @internal
	*/
	function callPlatform(timeoutMs, start, options) {
		let timer;
		const stop = () => clearTimeout(timer);
		const answer = new Promise((success, fail) => {
			timer = setTimeout(() => fail("timeout"), timeoutMs + graceMs);
			const returned = start(assign(options, {
				timeout: timeoutMs,
				success,
				fail
			}));
			if (isThenable(returned)) returned.then((result) => result && !result.abort && success(result), fail);
		});
		answer.then(stop, stop);
		return answer;
	}
	const isThenable = (value) => isObject(value) && typeof value["then"] === "function";
	// client/src/cloud-transport.ts
	/**
	* Sends over `wx.cloud.callContainer` to a service in WeChat Cloud Run, which needs no domain. It can't upload files, so
	* `uploadAvatar` still goes over `wx.uploadFile` to the `url` of the client.
	* @see https://developers.weixin.qq.com/miniprogram/dev/wxcloudrun/src/development/call/mini.html
	*/
	function cloudTransport({ env, service, cloud }) {
		return { send: ({ path, header, body, timeout }) => callPlatform(timeout, (options) => (cloud || wx.cloud).callContainer(options), {
			config: { env },
			path,
			method: "POST",
			header: assign({ "X-WX-SERVICE": service }, header),
			data: JSON.parse(JSON.stringify(body))
		}) };
	}
	// client/src/again.ts
	/** Does something, and once more, or something else, if it fails in a way for which that is right. */
	const againIf = (isWorthIt, start, again = start) => start().catch((error) => {
		if (isWorthIt(error)) return again();
		throw error;
	});
	// client/src/errors.ts
	/**
	* Whether the server refused the token, and so has done nothing.
	* @internal
	*/
	const isRefusal = ({ code }) => code === "UNAUTHENTICATED";
	/** Whether something that was caught is an error of the client's. */
	const isWxpassError = (value) => isObject(value) && value["name"] === "WxpassError";
	/**
	* Makes an error. It is no class, because `instanceof` doesn't survive the compilation of a subclass of Error to ES5.
	* @internal
	*/
	function createError(code, message, retry, details) {
		return assign(new Error(message), {
			name: "WxpassError",
			code,
			retry
		}, details);
	}
	// client/src/generated/operations.ts
	const UserFields = "id nickname avatarUrl email phone birthday gender address signature createdAt updatedAt";
	const SessionFields = "id appId device isCurrent createdAt lastUsedAt expiresAt";
	/** @internal */
	const LoginDocument = `mutation Login($code:String!$appId:String){value:wxLogin(code:$code appId:$appId){token expiresAt refreshToken isNewUser user{${UserFields}}}}`;
	/** @internal */
	const RefreshDocument = "mutation Refresh($refreshToken:String!){value:refreshToken(refreshToken:$refreshToken){token expiresAt refreshToken}}";
	/** @internal */
	const MeDocument = `query Me{value:me{${UserFields}}}`;
	/** @internal */
	const UpdateProfileDocument = `mutation UpdateProfile($input:UpdateProfileInput!){value:updateProfile(input:$input){${UserFields}}}`;
	/** @internal */
	const RemoveAvatarDocument = `mutation RemoveAvatar{value:removeAvatar{${UserFields}}}`;
	/** @internal */
	const BindPhoneDocument = `mutation BindPhone($code:String!$takeOver:Boolean){value:bindPhone(code:$code takeOver:$takeOver){${UserFields}}}`;
	/** @internal */
	const UnbindPhoneDocument = `mutation UnbindPhone{value:unbindPhone{${UserFields}}}`;
	/** @internal */
	const MySessionsDocument = `query MySessions{value:mySessions{${SessionFields}}}`;
	/** @internal */
	const RevokeSessionDocument = "mutation RevokeSession($id:ID!){value:revokeSession(id:$id)}";
	/** @internal */
	const LogoutDocument = "mutation Logout{value:logout}";
	/** @internal */
	const LogoutEverywhereDocument = "mutation LogoutEverywhere{value:logoutEverywhere}";
	/** @internal */
	const DeleteAccountDocument = "mutation DeleteAccount($code:String){value:deleteAccount(code:$code)}";
	/** @internal */
	const ExportMyDataDocument = "query ExportMyData($code:String){value:exportMyData(code:$code)}";
	// client/src/answer.ts
	/**
	* Takes what was asked for out of a response, or throws the error that it tells of. An executed operation comes with HTTP 200,
	* errors included; another status is the server's for a malformed request, or is of something between it and the phone.
	*/
	function readAnswer(response, pick, fail) {
		const body = parseObject(response.data) || {};
		const errors = body["errors"];
		if (Array.isArray(errors) && isObject(errors[0])) throw serverError(errors[0], response, fail);
		const result = response.statusCode < 300 ? pick(body) : void 0;
		if (result === void 0) throw badResponse(response, fail);
		return result;
	}
	/** A header, whose name comes in any case. */
	function headerOf(response, name) {
		const header = response.header || {};
		const key = Object.keys(header).filter((given) => given.toLowerCase() === name)[0];
		return key ? String(header[key]) : "";
	}
	/** What came is no answer of wxpass, but the page of a gateway or of a hotel's network, or half an answer. */
	function badResponse(response, fail) {
		const { statusCode } = response;
		return fail("BAD_RESPONSE", assign(detailsOf({}, response), { detail: `HTTP ${statusCode}` }), retryAt(statusCode));
	}
	function serverError({ message, extensions }, response, fail) {
		if (!isObject(extensions) || !isString(extensions["code"])) return badResponse(response, fail);
		const { code, retry } = extensions;
		const next = retry === "NEW_CODE" || retry === "LATER" || retry === "NEVER" ? retry : retryAt(response.statusCode);
		return createError(code, String(message), next, detailsOf(extensions, response));
	}
	/** Whether the same request may succeed later, by the status alone. */
	const retryAt = (status) => status < 400 || status > 499 || status === 408 || status === 429 ? "LATER" : "NEVER";
	function detailsOf({ retryAfter, requestId, field }, response) {
		const details = {};
		const seconds = Number(retryAfter || headerOf(response, "retry-after"));
		const id = requestId || headerOf(response, "x-request-id");
		if (seconds > 0) details.retryAfter = seconds;
		if (id) details.requestId = String(id);
		if (field) details.field = String(field);
		return details;
	}
	// client/src/document.ts
	/**
	* Whether an operation only reads, so that sending it twice does no harm.
	* @internal
	*/
	const isQuery = (text) => /^\s*(query\b|\{)/.test(text.replace(/#.*/g, ""));
	// client/src/own-errors.ts
	/** In Chinese and English. */
	const messages = {
		NETWORK_ERROR: ["网络连接失败，请检查网络后重试", "No network connection"],
		TIMEOUT: ["请求超时，请稍后重试", "Timed out; try again"],
		INTERRUPTED: ["请求已中断，请重试", "Interrupted; try again"],
		BAD_RESPONSE: ["服务器暂时不可用，请稍后再试", "The server is unavailable; try later"],
		LOGIN_FAILED: ["微信登录失败，请重试", "WeChat sign-in failed; try again"],
		UNAUTHENTICATED: ["请先登录", "Please sign in"]
	};
	/** Makes errors with messages in one of the languages; Chinese is the default. */
	const failIn = (language) => (code, details, retry = "LATER") => createError(code, messages[code][language === "en" ? 1 : 0], retry, details);
	/**
	* Turns whatever a function of the platform rejects with into an error, whose code is told by WeChat's words if it isn't given.
	* @see https://developers.weixin.qq.com/miniprogram/dev/framework/ability/network.html
	*/
	const throwPlatformError = (fail, code) => (reason) => {
		const detail = String(isObject(reason) ? reason["errMsg"] || reason["message"] : reason);
		const kind = /time.{0,2}out|超时/i.test(detail) ? "TIMEOUT" : /interrupted/.test(detail) ? "INTERRUPTED" : "NETWORK_ERROR";
		throw fail(code || kind, { detail });
	};
	// client/src/server.ts
	/** How long an upload may take: as long as WeChat itself waits, since a phone may send slowly. */
	const uploadTimeoutMs = 6e4;
	/** Makes the server as a client sees it. */
	const createServer = ({ url, transport, use, timeoutMs, language, fail }) => ({
		send(document, variables, token, limitMs = timeoutMs) {
			const query = String(document);
			const header = assign(headers(language, token), { "Content-Type": "application/json" });
			const isWorthIt = (error) => isLostQuery(error, query) && !(isObject(variables) && variables["code"]);
			return againIf(isWorthIt, () => received$1(fail, () => transport.send({
				path: "/graphql",
				header,
				body: {
					query,
					variables
				},
				timeout: limitMs
			}))).then((response) => ({
				data: readAnswer(response, ({ data }) => isResult(data, query) ? data : void 0, fail),
				serverTimeMs: Date.parse(headerOf(response, "date"))
			}));
		},
		upload: (filePath, token) => received$1(fail, () => callPlatform(uploadTimeoutMs, use("uploadFile"), {
			url: `${url}/avatar`,
			filePath,
			name: "file",
			header: headers(language, token)
		})).then((response) => readAnswer(response, addressIn, fail))
	});
	/** Whether nothing came back to a query, which may be sent again. */
	const isLostQuery = ({ code }, query) => code === "NETWORK_ERROR" && isQuery(query);
	function headers(language, token) {
		const header = {};
		if (language) header["Accept-Language"] = language;
		if (token) header["Authorization"] = `Bearer ${token}`;
		return header;
	}
	/** A response, or an error whatever happens. */
	const received$1 = (fail, start) => Promise.resolve().then(start).then((response) => isObject(response) ? response : Promise.reject("no response")).catch(throwPlatformError(fail));
	/**
	* Whether data answer an operation: the server has checked it against the schema from which the type was made. Gateways too like to
	* answer with `data`, but of something else.
	*/
	const isResult = (data, query) => isObject(data) && Object.keys(data).some((name) => query.indexOf(name) >= 0);
	const addressIn = ({ avatarUrl }) => isString(avatarUrl) ? avatarUrl : void 0;
	// client/src/era.ts
	/** Begins an era. When it is over, its calls fail with `UNAUTHENTICATED`. */
	function beginEra(store, source, fail) {
		let isOver = false;
		return {
			store,
			source,
			login: {},
			refresh: {},
			check() {
				if (isOver) throw fail("UNAUTHENTICATED", {}, "NEW_CODE");
			},
			keep(tokens) {
				if (!isOver) store.save(tokens);
				return tokens;
			},
			end() {
				isOver = true;
				store.forget();
				return beginEra(store, source, fail);
			}
		};
	}
	// client/src/slot.ts
	const nothing = () => void 0;
	/** Waits for the call in a slot, and gives its result if there is one. */
	const settled = ({ call }) => Promise.resolve(call).catch(nothing);
	/** Puts a call into a slot until it has ended, or another takes its place. */
	function occupy(slot, call) {
		const leave = () => {
			if (slot.call === call) slot.call = void 0;
		};
		slot.call = call;
		call.then(leave, leave);
		return call;
	}
	// client/src/token-source.ts
	/** How long a refresh may take: the server knows a token that comes again for ten seconds, so two have to fit in. */
	const refreshTimeoutMs = 5e3;
	/** Makes the source of tokens of a client. */
	function createTokenSource({ use, appId, timeoutMs, fail }, server) {
		const fetchCode = () => callPlatform(timeoutMs, (options) => use("login")(options), {}).then(({ code }) => code || Promise.reject("no code")).catch(throwPlatformError(fail, "LOGIN_FAILED"));
		const signInOnce = (proceed) => {
			proceed();
			return fetchCode().then((code) => {
				proceed();
				return server.send(LoginDocument, appId ? {
					code,
					appId
				} : { code });
			}).then(({ data: { value }, serverTimeMs }) => {
				const { user, isNewUser } = value;
				return {
					tokens: received(value, serverTimeMs),
					user,
					isNewUser
				};
			});
		};
		const refresh = ({ refreshToken }) => againIf(isLost, () => server.send(RefreshDocument, { refreshToken }, void 0, Math.min(timeoutMs, refreshTimeoutMs))).then(({ data, serverTimeMs }) => received(data.value, serverTimeMs));
		const logout = ({ token }) => server.send(LogoutDocument, {}, token);
		return {
			signIn: (proceed) => againIf(needsNewCode, () => signInOnce(proceed)),
			fetchCode,
			refresh,
			end: (tokens) => againIf(isRefusal, () => logout(tokens), () => refresh(tokens).then(logout))
		};
	}
	/** The phone's clock may be wrong, so what is left of the token's life is told by the server's clock, and counted from now. */
	function received({ token, refreshToken, expiresAt }, serverTimeMs) {
		const lifeMs = Date.parse(expiresAt) - serverTimeMs;
		return {
			token,
			refreshToken,
			expiresAt: lifeMs > 0 ? Date.now() + lifeMs : 0
		};
	}
	/** Whether the server wants another code, or another sign-in. */
	const needsNewCode = ({ retry }) => retry === "NEW_CODE";
	/** Whether no answer came from wxpass, which always says when to come later. It may have done what was asked. */
	const isLost = ({ retry, retryAfter }) => retry === "LATER" && !retryAfter;
	// client/src/renewal.ts
	/** The one sign-in. A refresh under way ends first, so that its tokens don't replace those of the sign-in. */
	const signIn = (era) => era.login.call || occupy(era.login, settled(era.refresh).then(() => era.source.signIn(era.check)).then((login) => {
		era.keep(login.tokens);
		return login;
	}));
	/** Tokens for a call: those that are kept, unless they have expired or are those that were `refused`; else new ones. */
	function grant(era, kept, refused) {
		const { refresh } = era;
		const signInAnew = () => {
			era.check();
			return signIn(era).then(({ tokens }) => tokens);
		};
		if (kept && !refresh.call && isGood(kept, refused)) return Promise.resolve(kept);
		const renewal = refresh.call || kept && !era.login.call && occupy(refresh, renew(era, kept));
		return renewal ? againIf(needsNewCode, () => renewal, signInAnew) : signInAnew();
	}
	/** Refreshes tokens. If the server knows them no more, another client of the program may have put newer ones into the store. */
	const renew = (era, kept) => era.source.refresh(kept).then(era.keep, (error) => {
		if (needsNewCode(error)) {
			era.check();
			const newer = era.store.read();
			if (newer && newer.token !== kept.token) return renew(era, newer);
			era.store.forget();
		}
		throw error;
	});
	/** Whether tokens are worth sending. It may be unknown that the access token has expired; then the server says so. */
	const isGood = ({ token, expiresAt }, refused) => token !== refused && (!expiresAt || Date.now() < expiresAt);
	// client/src/session.ts
	/** Makes the session of a client; calls reject with `UNAUTHENTICATED` if the person signs out while they wait for tokens. */
	function createSession(store, source, fail) {
		const finishing = {};
		let era = beginEra(store, source, fail);
		return {
			login: () => login(era, finishing),
			send: (start) => send(era, finishing, start),
			finish(start) {
				const began = era;
				return exclusively(finishing, began, () => send(began, {}, start).then((result) => {
					era = era.end();
					return result;
				}));
			},
			logout() {
				const kept = store.read();
				const ended = era;
				era = era.end();
				return exclusively(finishing, ended, ([login, tokens]) => {
					const last = login ? login.tokens : tokens || kept;
					return last && source.end(last);
				}).then(nothing, nothing);
			}
		};
	}
	const login = (era, finishing) => whenOpen(era, finishing, () => signIn(era)).then(({ user, isNewUser }) => {
		era.check();
		return {
			user,
			isNewUser
		};
	});
	/** Sends with a token, once `gate` is free. If new tokens are refused, there is no point in newer ones. */
	function send(era, gate, start) {
		const attempt = (refused) => whenOpen(era, gate, () => {
			const kept = era.store.read();
			return grant(era, kept, refused).then((tokens) => {
				era.check();
				return againIf((error) => isRefusal(error) && tokens === kept, () => start(tokens.token), () => attempt(tokens.token));
			});
		});
		return attempt();
	}
	/** Goes on when it is known that the person is still signed in, in the same moment, so that nobody signs out in between. */
	const whenOpen = (era, gate, go) => settled({}).then(() => {
		if (gate.call) return settled(gate).then(() => whenOpen(era, gate, go));
		era.check();
		return go();
	});
	/** Does something that ends the session: after all sign-ins and refreshes under way, and before the next. */
	const exclusively = (finishing, era, run) => occupy(finishing, Promise.all([
		settled(era.login),
		settled(era.refresh),
		settled(finishing)
	]).then(run));
	// client/src/transport.ts
	/**
	* Sends over `wx.request`.
	* @internal
	*/
	const requestTransport = (use, url) => ({ send: ({ path, header, body, timeout }) => callPlatform(timeout, use("request"), {
		url: url + path,
		method: "POST",
		header,
		data: JSON.stringify(body)
	}) });
	// client/src/setup.ts
	/**
	* Completes options with what is the default.
	* @internal
	*/
	function completed(options) {
		const { language, appId, timeout: timeoutMs = 1e4, storageKey = "wxpass" } = options;
		const url = options.url.replace(/\/+$/, "");
		const use = platformOf(options.platform);
		return {
			url,
			appId,
			language,
			timeoutMs,
			storageKey,
			use,
			transport: options.transport || requestTransport(use, url),
			fail: failIn(language)
		};
	}
	// client/src/token-store.ts
	/** Makes a token store. If the storage fails, memory serves, and the next start of the program signs in again. */
	function createTokenStore({ use, storageKey, url }) {
		let tokens;
		/** The storage didn't take the latest change, so it has something older than memory. */
		let isBehind = false;
		function change(next, write) {
			tokens = next;
			isBehind = false;
			try {
				write();
			} catch (_) {
				isBehind = true;
			}
		}
		return {
			read() {
				try {
					const kept = use("getStorageSync")(storageKey);
					if (!isBehind) tokens = isObject(kept) && kept["url"] === url && isTokens(kept) ? kept : void 0;
				} catch (_) {}
				return tokens;
			},
			save: (next) => change(next, () => use("setStorageSync")(storageKey, assign({ url }, next))),
			forget: () => change(void 0, () => use("removeStorageSync")(storageKey))
		};
	}
	/** Anybody may have written to the storage. */
	const isTokens = (value) => isString(value.token) && isString(value.refreshToken) && typeof value.expiresAt === "number";
	// client/src/create-wxpass.ts
	/** Makes the client of a server. One is enough for a program: put it into a module of its own. */
	function createWxpass(options) {
		const setup = completed(options);
		const server = createServer(setup);
		const store = createTokenStore(setup);
		const source = createTokenSource(setup, server);
		const session = createSession(store, source, setup.fail);
		const sending = (document, variables) => (token) => server.send(document, variables, token).then(({ data }) => data);
		/** Sends with a new code for each try, which proves who holds the phone. No answer that wants a newer one says that it is done. */
		const proving = (document) => (token) => againIf((error) => isLostQuery(error, String(document)) || needsNewCode(error) && !isRefusal(error), () => source.fetchCode().then((code) => sending(document, { code })(token)));
		const request = (document, variables) => session.send(sending(document, variables));
		const ask = (document, variables) => request(document, variables).then(valueIn);
		return {
			get signedIn() {
				return !!store.read();
			},
			login: session.login,
			me: () => ask(MeDocument, {}),
			updateProfile: (input) => ask(UpdateProfileDocument, { input }),
			uploadAvatar: (path) => session.send((token) => server.upload(path, token)),
			removeAvatar: () => ask(RemoveAvatarDocument, {}),
			bindPhone: (code, options) => ask(BindPhoneDocument, assign({ code }, options || {})),
			unbindPhone: () => ask(UnbindPhoneDocument, {}),
			mySessions: () => ask(MySessionsDocument, {}),
			revokeSession: (id) => ask(RevokeSessionDocument, { id }),
			logout: session.logout,
			logoutEverywhere: () => session.finish(sending(LogoutEverywhereDocument, {})).then(valueIn),
			deleteAccount: () => session.finish(proving(DeleteAccountDocument)).then(nothing),
			exportMyData: () => session.send(proving(ExportMyDataDocument)).then(valueIn),
			request
		};
	}
	const valueIn = ({ value }) => value;
	exports.cloudTransport = cloudTransport;
	exports.createWxpass = createWxpass;
	exports.isWxpassError = isWxpassError;
})();
