import type { Texts } from "../texts.ts";

/** Chinese, in simplified characters. */
export const chinese: Texts = {
	lang: "zh-Hans",

	signIn: "登录",
	signInWith: "使用 {provider} 登录",
	signInToContinue: "请登录以继续。",
	chooseHowToSignIn: "请选择登录方式以继续。",
	noProviders: "尚未设置登录服务。请联系此应用的管理员。",
	attemptExpired: "您上一次的登录已过期，请重试。",
	originUnknown:
		"由于您的浏览器未说明您从何处而来，登录没有开始。请再次选择登录方式。如果此页面再次出现，请允许其使用 Cookie。",
	signedInAs: "您已登录为 {name}。",
	signInAgainOrAsAnother: "重新登录或使用其他帐号",

	oneMoment: "请稍候",
	continue: "继续",
	ifNothingHappensContinue: "如果页面没有变化，请选择“继续”。",
	signingIn: "正在登录",
	signedInIfNothingHappens: "您已登录。如果页面没有变化，请选择“继续”。",
	sentOn: "正在为您跳转。如果页面没有变化，请选择“继续”。",
	pageIsOpening: "正在打开页面。如果页面没有变化，请选择“继续”。",
	renewing: "正在续期您的会话。",
	renewingFailed: "暂时无法续期您的会话，请几分钟后重试。",

	signOut: "退出登录",
	signOutQuestion: "要退出登录吗？",
	signOutMeaning: "退出后，您在此浏览器中的会话将结束。",
	staySignedIn: "保持登录",
	signingOut: "正在退出登录",
	ifNothingHappensSignOut: "如果页面没有变化，请选择“退出登录”。",
	signedOut: "已退出登录",
	youAreSignedOut: "您已退出登录",
	endedThere: "您在 {provider} 的会话也已结束。",
	endedAtService: "您在登录服务中的会话也已结束。",
	maybeSignedInThere:
		"您在 {provider} 可能仍处于登录状态。如果使用的是公用电脑，请在那里也退出登录。",
	maybeSignedInAtService:
		"您在登录服务中可能仍处于登录状态。如果使用的是公用电脑，请在那里也退出登录。",
	signOutThereToo: "在那里也退出登录",
	signInAgain: "重新登录",

	noAccess: "无权访问",
	noAccessToPage: "您无权访问此页面",
	noAccessFor: "您已登录为 {name}，但此帐号无权打开此页面。",
	noAccessAdvice: "如有需要，请向此应用的管理员申请权限，或退出登录后使用其他帐号。",
	noAccessSignIn: "您尚未登录。登录后或许可以打开此页面。",

	tryAgain: "重试",
	backToStart: "返回首页",
	errorId: "错误编号，求助时请提供",
	serviceSaid: "登录服务的消息：",

	askTitle: "这是您本人的操作吗？",
	askForApp: "有人为此应用的一个页面发起了登录，但浏览器无法确认是谁发起的。",
	askInside: "有人为 {site} 中的此应用发起了登录，但浏览器无法确认是谁发起的。",
	askAdvice:
		"仅当您刚刚亲自在那里选择登录时才继续。如果您是通过链接或消息来到这里的，请关闭此窗口。",
	yesContinue: "是的，继续",
	youAreSignedIn: "您已登录",
	closeWindow: "您可以关闭此窗口，回到原来的页面继续。",
	openerIsLost: "此窗口无法联系打开它的页面。如果那个页面没有继续，请单独打开应用：",
	openAppHere: "在此打开应用",
	youAreSignedOutThere: "您已在那里退出登录",
	windowWaiting: "请在打开的窗口中继续，此页面会自动跟进。",
	windowBlocked: "浏览器拦截了窗口。请允许弹出窗口，或再次点击按钮。",
	windowLost: "没有收到窗口的回应。如果您已在那里登录，请在此再登录一次，或在新标签页中打开应用。",
	windowRefused: "未能接收登录结果。请重试，或在新标签页中打开应用。",
	windowUnkept: "您的浏览器不会为嵌入其他页面的页面保留登录状态。请在新标签页中打开应用。",
	openInNewTab: "在新标签页中打开",

	errors: {
		access_denied: {
			title: "登录未完成",
			message: "登录已取消，或登录服务不允许您登录此应用。您可以重试，或向此应用的管理员申请权限。",
		},
		answer_changed: {
			title: "回应不相符",
			message:
				"登录服务的回应与此处发起的登录不相符，因此您未能登录。请重新登录。如果再次出现，请将错误编号告知此应用的管理员。",
		},
		callback_invalid: {
			title: "无法完成登录",
			message: "登录服务的回应不完整或不相符。请从应用重新开始，不要使用书签或旧标签页。",
		},
		claims_invalid: {
			title: "登录服务没有发送此应用所需的信息",
			message:
				"此应用需要您帐号的某些信息，但登录服务没有发送，或以其他形式发送，因此您没有登录。您可以换一个帐号再试，或将错误编号告知此应用的管理员。",
		},
		clock_skew: {
			title: "时间不一致",
			message:
				"登录服务与此应用的时间不一致，因此无法确认登录。请稍后重试。如果问题依旧，请让此应用的管理员检查服务器的时间。",
		},
		config_invalid: {
			title: "此应用的设置有误",
			message: "在设置更正之前无法登录。请告知此应用的管理员。",
		},
		cookies_blocked: {
			title: "浏览器未保存 Cookie",
			message:
				"登录需要 Cookie，但没有收到任何 Cookie。可能是此网站的 Cookie 已被禁用，地址以 http: 而不是 https: 开头，或者您在 Safari 中使用 http://localhost（同样需要 https）。请允许 Cookie 或使用 https 地址，然后重试。",
		},
		cookies_too_large: {
			title: "登录数据过多",
			message:
				"您的帐号所带的登录数据超出了浏览器能保存的范围。请让此应用的管理员减少登录服务发送的内容，例如群组列表。",
		},
		csrf_failed: {
			title: "无法确认此请求",
			message:
				"为了保护您的帐号，未执行任何操作：无法确定请求来自此应用。请返回首页，从那里重新操作。",
		},
		forbidden: {
			title: "您没有权限",
			message: "您的帐号无法执行此操作。如有需要，请向此应用的管理员申请权限。",
		},
		handoff_invalid: {
			title: "登录结果未能送达原窗口",
			message:
				"您可能已经登录，但发起登录的窗口未能接收结果：可能是时间过长、窗口已关闭或重新加载，或者不允许它发起登录。请关闭此窗口，从原来的页面重新登录。",
		},
		insecure_origin: {
			title: "需要安全连接",
			message:
				"此应用是通过普通 http 打开的，而登录只能通过 https 进行。请打开以 https: 开头的地址，或向此应用的管理员询问。",
		},
		internal_error: {
			title: "出现问题",
			message: "我们这边发生了意外错误，请重试。如果问题依旧，请将错误编号告知此应用的管理员。",
		},
		issuer_mismatch: {
			title: "回应来自其他服务",
			message:
				"作出回应的并不是所请求的登录服务，因此登录已中止。请重新开始。如果问题依旧，请告知此应用的管理员。",
		},
		login_required: {
			title: "请登录",
			message: "您尚未登录，或会话已结束。请登录以继续。",
		},
		method_not_allowed: {
			title: "此处无法这样操作",
			message: "此地址不能这样使用。请返回首页。",
		},
		not_found: {
			title: "找不到页面",
			message: "此地址没有任何内容。请检查地址，或返回首页。",
		},
		provider_error: {
			title: "登录服务报告了问题",
			message: "登录服务未能完成登录。请稍后重试。如果问题依旧，请将错误编号告知此应用的管理员。",
		},
		provider_misconfigured: {
			title: "登录服务的设置有误",
			message: "此应用与登录服务的设置不匹配。请告知此应用的管理员，并提供错误编号。",
		},
		provider_unreachable: {
			title: "登录服务没有回应",
			message: "目前无法连接登录服务，请几分钟后重试。",
		},
		refresh_required: {
			title: "您的会话需要续期",
			message: "继续之前需要续期您的会话。请重新打开页面。",
		},
		token_invalid: {
			title: "无法确认您的登录",
			message:
				"登录服务发送的内容未通过我们的检查，因此您没有登录。请重试。如果问题依旧，请将错误编号告知此应用的管理员。",
		},
		too_many_redirects: {
			title: "登录陷入循环",
			message:
				"页面不断让浏览器来回跳转，因此我们已中止。Cookie 可能被拦截或部分删除。请允许此网站的 Cookie，然后重试。如果问题依旧，请将错误编号告知此应用的管理员。",
		},
		too_many_requests: {
			title: "尝试次数过多",
			message: "您的网络在一分钟内发起的登录次数超过了限制。请稍等片刻再试。",
		},
		transaction_invalid: {
			title: "此次登录已失效",
			message:
				"可能是时间超过了十分钟、在其他浏览器中发起，或已被更新的登录取代。您的帐号没有问题，请重新登录。",
		},
		transaction_reused: {
			title: "此次登录已结束",
			message: "每次登录只能使用一次，它可能因“后退”或“刷新”而被重复。如果您尚未登录，请重新登录。",
		},
		unknown_origin: {
			title: "此地址未设置登录",
			message: "应用是通过它不认识的地址打开的。请使用常用地址，或让此应用的管理员添加此地址。",
		},
		userinfo_invalid: {
			title: "无法读取您的个人资料",
			message:
				"登录服务没有发送您帐号的有效资料，因此您没有登录。请重试。如果问题依旧，请将错误编号告知此应用的管理员。",
		},
	},
};
