import type { Texts } from "../texts.ts";

/** Portuguese, as it is written in Brazil. */
export const portuguese: Texts = {
	lang: "pt-BR",

	signIn: "Entrar",
	signInWith: "Entrar com {provider}",
	signInToContinue: "Entre para continuar.",
	chooseHowToSignIn: "Escolha como entrar para continuar.",
	noProviders:
		"Nenhum serviço de login está configurado. Fale com a pessoa responsável por este aplicativo.",
	attemptExpired: "Sua última tentativa de entrar expirou. Tente novamente.",
	originUnknown:
		"A entrada não foi iniciada porque o seu navegador não informou de onde você veio. Escolha novamente como entrar. Se esta página aparecer de novo, permita os cookies dela.",
	signedInAs: "Você entrou como {name}.",
	signInAgainOrAsAnother: "Entrar novamente ou com outra conta",

	oneMoment: "Um momento",
	continue: "Continuar",
	ifNothingHappensContinue: "Se nada acontecer, escolha “Continuar”.",
	signingIn: "Entrando",
	signedInIfNothingHappens: "Você entrou. Se nada acontecer, escolha “Continuar”.",
	sentOn: "Você está sendo redirecionado. Se nada acontecer, escolha “Continuar”.",
	pageIsOpening: "A página está sendo aberta. Se nada acontecer, escolha “Continuar”.",
	renewing: "Sua sessão está sendo renovada.",
	renewingFailed: "Não foi possível renovar sua sessão agora. Tente novamente em alguns minutos.",

	signOut: "Sair",
	signOutQuestion: "Deseja sair?",
	signOutMeaning: "Sua sessão neste navegador será encerrada.",
	staySignedIn: "Continuar conectado",
	signingOut: "Saindo",
	ifNothingHappensSignOut: "Se nada acontecer, escolha “Sair”.",
	signedOut: "Sessão encerrada",
	youAreSignedOut: "Você saiu",
	endedThere: "Sua sessão em {provider} também foi encerrada.",
	endedAtService: "Sua sessão no serviço de login também foi encerrada.",
	maybeSignedInThere:
		"Sua sessão em {provider} talvez ainda esteja aberta. Em um computador compartilhado, saia de lá também.",
	maybeSignedInAtService:
		"Sua sessão no serviço de login talvez ainda esteja aberta. Em um computador compartilhado, saia de lá também.",
	signOutThereToo: "Sair de lá também",
	signInAgain: "Entrar novamente",

	noAccess: "Sem acesso",
	noAccessToPage: "Você não tem acesso a esta página",
	noAccessFor: "Você entrou como {name}, e esta conta não pode abrir esta página.",
	noAccessAdvice:
		"Se precisar dela, peça acesso à pessoa responsável por este aplicativo, ou saia e use outra conta.",
	noAccessSignIn: "Você não entrou. Ao entrar, talvez consiga abrir esta página.",

	tryAgain: "Tentar novamente",
	backToStart: "Voltar à página inicial",
	errorId: "Número do erro, se você pedir ajuda",
	serviceSaid: "Mensagem do serviço de login:",

	askTitle: "Foi você que pediu?",
	askForApp:
		"Um login foi iniciado para uma página deste aplicativo, e este navegador não conseguiu identificar por quem.",
	askInside:
		"Um login foi iniciado para este aplicativo dentro de {site}, e este navegador não conseguiu identificar por quem.",
	askAdvice:
		"Continue somente se você mesmo acabou de escolher entrar lá. Se um link ou uma mensagem trouxe você até aqui, feche esta janela.",
	yesContinue: "Sim, continuar",
	youAreSignedIn: "Você entrou",
	closeWindow: "Você pode fechar esta janela e continuar de onde parou.",
	openerIsLost:
		"Esta janela não consegue falar com a página que a abriu. Se aquela página não avançar, abra o aplicativo separadamente:",
	openAppHere: "Abrir o aplicativo aqui",
	youAreSignedOutThere: "Você saiu de lá",
	windowWaiting: "Continue na janela que se abriu. Esta página segue sozinha.",
	windowBlocked:
		"Seu navegador bloqueou a janela. Permita que ela abra ou use o botão mais uma vez.",
	windowLost:
		"A janela não respondeu. Se você entrou por lá, entre mais uma vez aqui, ou abra o aplicativo em uma nova aba.",
	windowRefused:
		"Não foi possível concluir o login aqui. Tente novamente ou abra o aplicativo em uma nova aba.",
	windowUnkept:
		"O navegador não mantém o login de uma página dentro de outra. Abra o aplicativo em uma nova aba.",
	openInNewTab: "Abrir em uma nova aba",

	errors: {
		access_denied: {
			title: "O login não foi concluído",
			message:
				"O login foi cancelado, ou o serviço de login não o permitiu para este aplicativo. Você pode tentar novamente ou pedir acesso à pessoa responsável por este aplicativo.",
		},
		answer_changed: {
			title: "A resposta não corresponde",
			message:
				"A resposta do serviço de login não corresponde ao login iniciado aqui, por isso você não entrou. Entre novamente. Se acontecer duas vezes, informe o número do erro à pessoa responsável por este aplicativo.",
		},
		callback_invalid: {
			title: "Não foi possível concluir o login",
			message:
				"A resposta do serviço de login estava incompleta ou não correspondia. Comece novamente pelo aplicativo, e não por um favorito ou uma aba antiga.",
		},
		claims_invalid: {
			title: "O serviço de login não enviou o que este aplicativo precisa",
			message:
				"Este aplicativo precisa de dados da sua conta que o serviço de login não enviou, ou enviou de outra forma, e por isso você não entrou. Você pode tentar com outra conta ou informar o número do erro à pessoa responsável por este aplicativo.",
		},
		clock_skew: {
			title: "Os relógios não coincidem",
			message:
				"O serviço de login e este aplicativo estão com horários diferentes, e por isso o login não pôde ser confirmado. Tente novamente em um momento. Se continuar assim, peça à pessoa responsável por este aplicativo que verifique o relógio do servidor.",
		},
		config_invalid: {
			title: "Este aplicativo não está configurado corretamente",
			message:
				"Só será possível entrar quando a configuração for corrigida. Avise a pessoa responsável por este aplicativo.",
		},
		cookies_blocked: {
			title: "Seu navegador não guardou os cookies",
			message:
				"Para entrar são necessários cookies, e nenhum voltou. Os cookies podem estar desativados para este site, o endereço pode começar com http: em vez de https:, ou você está usando o Safari com http://localhost, que também exige https. Permita os cookies ou use o endereço com https e tente novamente.",
		},
		cookies_too_large: {
			title: "Dados de login demais",
			message:
				"Sua conta traz mais dados de login do que um navegador consegue guardar. Peça à pessoa responsável por este aplicativo que reduza o que o serviço de login envia, por exemplo a lista de grupos.",
		},
		csrf_failed: {
			title: "Não foi possível confirmar esta solicitação",
			message:
				"Para proteger sua conta, nada foi feito: não havia certeza de que a solicitação veio deste aplicativo. Volte à página inicial e faça de novo a partir dela.",
		},
		forbidden: {
			title: "Você não tem acesso",
			message:
				"Sua conta não pode fazer isto. Se precisar, peça acesso à pessoa responsável por este aplicativo.",
		},
		handoff_invalid: {
			title: "O login não chegou à janela dele",
			message:
				"Talvez você tenha entrado por lá, mas a janela que pediu o login não conseguiu recebê-lo: demorou demais, foi fechada ou recarregada, ou não tinha permissão para pedir. Feche esta janela e entre novamente no lugar de onde você veio.",
		},
		insecure_origin: {
			title: "É preciso uma conexão segura",
			message:
				"Este aplicativo foi aberto por http simples, e só é possível entrar por https. Abra o endereço que começa com https: ou peça-o à pessoa responsável por este aplicativo.",
		},
		internal_error: {
			title: "Algo deu errado",
			message:
				"Ocorreu um erro inesperado do nosso lado. Tente novamente. Se continuar assim, informe o número do erro à pessoa responsável por este aplicativo.",
		},
		issuer_mismatch: {
			title: "A resposta veio de outro serviço",
			message:
				"O serviço de login que respondeu não é o que foi consultado, e por isso o login foi interrompido. Comece novamente. Se continuar assim, avise a pessoa responsável por este aplicativo.",
		},
		login_required: {
			title: "Entre, por favor",
			message: "Você não entrou, ou sua sessão terminou. Entre para continuar.",
		},
		method_not_allowed: {
			title: "Isto não funciona aqui",
			message: "Este endereço não pode ser usado desta forma. Volte à página inicial.",
		},
		not_found: {
			title: "Página não encontrada",
			message: "Não há nada neste endereço. Confira-o ou volte à página inicial.",
		},
		provider_error: {
			title: "O serviço de login informou um problema",
			message:
				"O login não pôde ser concluído lá. Tente novamente em um momento. Se continuar assim, informe o número do erro à pessoa responsável por este aplicativo.",
		},
		provider_misconfigured: {
			title: "O serviço de login não está configurado corretamente",
			message:
				"Este aplicativo e o serviço de login não estão configurados para funcionar juntos. Avise a pessoa responsável por este aplicativo e informe o número do erro.",
		},
		provider_unreachable: {
			title: "O serviço de login não responde",
			message:
				"O serviço pelo qual você entra não pode ser acessado agora. Tente novamente em alguns minutos.",
		},
		refresh_required: {
			title: "Sua sessão precisa ser renovada",
			message: "Sua sessão precisa ser renovada antes de continuar. Abra a página novamente.",
		},
		token_invalid: {
			title: "Não foi possível confirmar seu login",
			message:
				"O que o serviço de login enviou não passou nas nossas verificações, e por isso você não entrou. Tente novamente. Se continuar assim, informe o número do erro à pessoa responsável por este aplicativo.",
		},
		too_many_redirects: {
			title: "O login ficou dando voltas",
			message:
				"Paramos porque a página ficava mandando seu navegador de um lado para o outro. Os cookies podem estar bloqueados ou apagados em parte. Permita os cookies para este site e tente novamente. Se continuar assim, informe o número do erro à pessoa responsável por este aplicativo.",
		},
		too_many_requests: {
			title: "Tentativas demais",
			message:
				"Em um minuto foram iniciados mais logins da sua rede do que é permitido. Espere um pouco e tente novamente.",
		},
		transaction_invalid: {
			title: "Esta tentativa de login não vale mais",
			message:
				"Ela pode ter levado mais de dez minutos, ter sido iniciada em outro navegador ou ter sido substituída por uma mais recente. Não há nada de errado com sua conta: entre novamente.",
		},
		transaction_reused: {
			title: "Esta tentativa de login já terminou",
			message:
				"Cada tentativa vale uma vez. Provavelmente ela foi repetida com “Voltar” ou “Recarregar”. Se você não estiver conectado, entre novamente.",
		},
		unknown_origin: {
			title: "Este endereço não está preparado para login",
			message:
				"O aplicativo foi aberto em um endereço que ele não conhece. Use o endereço habitual ou peça à pessoa responsável por este aplicativo que inclua este.",
		},
		userinfo_invalid: {
			title: "Não foi possível ler seu perfil",
			message:
				"O serviço de login não enviou um perfil válido da sua conta, e por isso você não entrou. Tente novamente. Se continuar assim, informe o número do erro à pessoa responsável por este aplicativo.",
		},
	},
};
