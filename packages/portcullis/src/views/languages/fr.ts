import type { Texts } from "../texts.ts";

/** French. */
export const french: Texts = {
	lang: "fr",

	signIn: "Se connecter",
	signInWith: "Se connecter avec {provider}",
	signInToContinue: "Connectez-vous pour continuer.",
	chooseHowToSignIn: "Choisissez comment vous connecter pour continuer.",
	noProviders:
		"Aucun service de connexion n’est configuré. Adressez-vous à la personne qui gère cette application.",
	attemptExpired: "Votre dernière tentative de connexion avait expiré. Veuillez réessayer.",
	originUnknown:
		"Aucune connexion n’a été lancée, car votre navigateur n’a pas indiqué d’où vous venez. Veuillez choisir de nouveau comment vous connecter. Si cette page revient, autorisez ses cookies.",
	signedInAs: "Vous êtes connecté en tant que {name}.",
	signInAgainOrAsAnother: "Se reconnecter ou utiliser un autre compte",

	oneMoment: "Un instant",
	continue: "Continuer",
	ifNothingHappensContinue: "S’il ne se passe rien, choisissez « Continuer ».",
	signingIn: "Connexion en cours",
	signedInIfNothingHappens: "Vous êtes connecté. S’il ne se passe rien, choisissez « Continuer ».",
	sentOn: "Vous allez être redirigé. S’il ne se passe rien, choisissez « Continuer ».",
	pageIsOpening: "La page s’ouvre. S’il ne se passe rien, choisissez « Continuer ».",
	renewing: "Votre session est en cours de prolongation.",
	renewingFailed:
		"Votre session n’a pas pu être prolongée pour l’instant. Veuillez réessayer dans quelques minutes.",

	signOut: "Se déconnecter",
	signOutQuestion: "Voulez-vous vous déconnecter ?",
	signOutMeaning: "Votre session dans ce navigateur prendra fin.",
	staySignedIn: "Rester connecté",
	signingOut: "Déconnexion en cours",
	ifNothingHappensSignOut: "S’il ne se passe rien, choisissez « Se déconnecter ».",
	signedOut: "Déconnecté",
	youAreSignedOut: "Vous êtes déconnecté",
	endedThere: "Votre session chez {provider} est terminée elle aussi.",
	endedAtService: "Votre session auprès du service de connexion est terminée elle aussi.",
	maybeSignedInThere:
		"Vous êtes peut-être encore connecté chez {provider}. Sur un ordinateur partagé, déconnectez-vous là aussi.",
	maybeSignedInAtService:
		"Vous êtes peut-être encore connecté auprès du service de connexion. Sur un ordinateur partagé, déconnectez-vous là aussi.",
	signOutThereToo: "S’y déconnecter aussi",
	signInAgain: "Se reconnecter",

	noAccess: "Accès refusé",
	noAccessToPage: "Vous n’avez pas accès à cette page",
	noAccessFor:
		"Vous êtes connecté en tant que {name}, et ce compte ne permet pas d’ouvrir cette page.",
	noAccessAdvice:
		"Si vous en avez besoin, demandez l’accès à la personne qui gère cette application, ou déconnectez-vous et utilisez un autre compte.",
	noAccessSignIn:
		"Vous n’êtes pas connecté. Une fois connecté, vous pourrez peut-être ouvrir cette page.",

	tryAgain: "Réessayer",
	backToStart: "Retour à l’accueil",
	errorId: "Numéro de l’erreur, si vous demandez de l’aide",
	serviceSaid: "Message du service de connexion :",

	askTitle: "Est-ce bien vous ?",
	askForApp:
		"Une connexion a été lancée pour une page de cette application, et ce navigateur n’a pas pu déterminer par qui.",
	askInside:
		"Une connexion a été lancée pour cette application au sein de {site}, et ce navigateur n’a pas pu déterminer par qui.",
	askAdvice:
		"Ne continuez que si vous venez vous-même de demander à vous y connecter. Si un lien ou un message vous a conduit ici, fermez cette fenêtre.",
	yesContinue: "Oui, continuer",
	youAreSignedIn: "Vous êtes connecté",
	closeWindow: "Vous pouvez fermer cette fenêtre et reprendre là où vous étiez.",
	openerIsLost:
		"Cette fenêtre ne parvient pas à joindre la page qui l’a ouverte. Si rien n’avance là-bas, ouvrez l’application séparément :",
	openAppHere: "Ouvrir l’application ici",
	youAreSignedOutThere: "Vous y êtes déconnecté",
	windowWaiting: "Poursuivez dans la fenêtre qui s’est ouverte. Cette page suivra d’elle-même.",
	windowBlocked:
		"Votre navigateur a bloqué la fenêtre. Autorisez-la ou appuyez de nouveau sur le bouton.",
	windowLost:
		"La fenêtre n’a rien renvoyé. Si vous vous y êtes connecté, connectez-vous encore une fois ici, ou ouvrez l’application dans un nouvel onglet.",
	windowRefused:
		"La connexion n’a pas pu être reprise ici. Veuillez réessayer, ou ouvrez l’application dans un nouvel onglet.",
	windowUnkept:
		"Votre navigateur ne conserve pas la connexion d’une page affichée dans une autre. Ouvrez l’application dans un nouvel onglet.",
	openInNewTab: "Ouvrir dans un nouvel onglet",

	errors: {
		access_denied: {
			title: "La connexion n’a pas abouti",
			message:
				"La connexion a été annulée, ou le service de connexion ne l’a pas autorisée pour cette application. Vous pouvez réessayer, ou demander l’accès à la personne qui gère cette application.",
		},
		answer_changed: {
			title: "La réponse ne correspond pas",
			message:
				"La réponse du service de connexion ne correspond pas à la connexion commencée ici : elle n’a donc pas abouti. Veuillez vous connecter de nouveau. Si cela se produit deux fois, donnez le numéro de l’erreur à la personne qui gère cette application.",
		},
		callback_invalid: {
			title: "La connexion n’a pas pu être terminée",
			message:
				"La réponse du service de connexion était incomplète ou ne correspondait pas. Veuillez recommencer depuis l’application plutôt que depuis un favori ou un ancien onglet.",
		},
		claims_invalid: {
			title: "Le service de connexion n’a pas envoyé ce dont cette application a besoin",
			message:
				"Cette application a besoin d’informations sur votre compte que le service de connexion n’a pas envoyées, ou qu’il a envoyées sous une autre forme : la connexion n’a pas eu lieu. Vous pouvez réessayer avec un autre compte, ou donner le numéro de l’erreur à la personne qui gère cette application.",
		},
		clock_skew: {
			title: "Les horloges ne concordent pas",
			message:
				"Le service de connexion et cette application n’ont pas la même heure, si bien que la connexion n’a pas pu être confirmée. Veuillez réessayer dans un instant. Si cela persiste, demandez à la personne qui gère cette application de vérifier l’horloge du serveur.",
		},
		config_invalid: {
			title: "Cette application n’est pas configurée correctement",
			message:
				"La connexion sera possible une fois la configuration corrigée. Veuillez prévenir la personne qui gère cette application.",
		},
		cookies_blocked: {
			title: "Votre navigateur n’a pas conservé les cookies",
			message:
				"La connexion a besoin de cookies, et aucun n’est revenu. Ils sont peut-être désactivés pour ce site, l’adresse commence peut-être par http: au lieu de https:, ou vous utilisez Safari avec http://localhost, qui exige lui aussi https. Autorisez les cookies ou utilisez l’adresse en https, puis réessayez.",
		},
		cookies_too_large: {
			title: "Trop de données de connexion",
			message:
				"Votre compte comporte plus de données de connexion qu’un navigateur ne peut en conserver. Demandez à la personne qui gère cette application de réduire ce que le service de connexion envoie, par exemple la liste des groupes.",
		},
		csrf_failed: {
			title: "Cette demande n’a pas pu être confirmée",
			message:
				"Pour protéger votre compte, rien n’a été fait : il n’était pas certain que la demande vienne de cette application. Revenez à l’accueil et recommencez à partir de là.",
		},
		forbidden: {
			title: "Vous n’avez pas accès",
			message:
				"Votre compte ne permet pas cette action. Si vous en avez besoin, demandez l’accès à la personne qui gère cette application.",
		},
		handoff_invalid: {
			title: "La connexion n’est pas parvenue à sa fenêtre",
			message:
				"Vous y êtes peut-être connecté, mais la fenêtre qui l’avait demandé n’a pas pu reprendre la connexion : cela a pris trop de temps, elle a été fermée ou rechargée, ou elle n’avait pas le droit de la demander. Fermez cette fenêtre et reconnectez-vous à l’endroit d’où vous veniez.",
		},
		insecure_origin: {
			title: "Une connexion sécurisée est nécessaire",
			message:
				"Cette application a été ouverte en simple http, et l’on ne peut se connecter qu’en https. Ouvrez l’adresse qui commence par https:, ou demandez-la à la personne qui gère cette application.",
		},
		internal_error: {
			title: "Un problème est survenu",
			message:
				"Une erreur inattendue s’est produite de notre côté. Veuillez réessayer. Si cela persiste, communiquez le numéro de l’erreur à la personne qui gère cette application.",
		},
		issuer_mismatch: {
			title: "La réponse est venue d’un autre service",
			message:
				"Le service de connexion qui a répondu n’est pas celui qui avait été sollicité ; la connexion a donc été arrêtée. Veuillez recommencer. Si cela persiste, prévenez la personne qui gère cette application.",
		},
		login_required: {
			title: "Veuillez vous connecter",
			message:
				"Vous n’êtes pas connecté, ou votre session est terminée. Connectez-vous pour continuer.",
		},
		method_not_allowed: {
			title: "Ce n’est pas possible ici",
			message:
				"Cette adresse ne peut pas être utilisée de cette façon. Veuillez revenir à l’accueil.",
		},
		not_found: {
			title: "Page introuvable",
			message: "Il n’y a rien à cette adresse. Vérifiez-la, ou revenez à l’accueil.",
		},
		provider_error: {
			title: "Le service de connexion signale un problème",
			message:
				"La connexion n’a pas pu y être terminée. Veuillez réessayer dans un instant. Si cela persiste, communiquez le numéro de l’erreur à la personne qui gère cette application.",
		},
		provider_misconfigured: {
			title: "Le service de connexion n’est pas configuré correctement",
			message:
				"Cette application et le service de connexion ne sont pas configurés pour fonctionner ensemble. Veuillez prévenir la personne qui gère cette application et lui communiquer le numéro de l’erreur.",
		},
		provider_unreachable: {
			title: "Le service de connexion ne répond pas",
			message:
				"Le service qui permet de vous connecter est injoignable pour l’instant. Veuillez réessayer dans quelques minutes.",
		},
		refresh_required: {
			title: "Votre session doit être prolongée",
			message:
				"Votre session doit être prolongée avant de poursuivre. Veuillez ouvrir la page de nouveau.",
		},
		token_invalid: {
			title: "Votre connexion n’a pas pu être confirmée",
			message:
				"Ce que le service de connexion a envoyé n’a pas passé nos contrôles ; vous n’avez donc pas été connecté. Veuillez réessayer. Si cela persiste, communiquez le numéro de l’erreur à la personne qui gère cette application.",
		},
		too_many_redirects: {
			title: "La connexion tournait en rond",
			message:
				"Nous avons arrêté, car la page renvoyait sans cesse votre navigateur d’un endroit à l’autre. Les cookies sont peut-être bloqués ou en partie supprimés. Autorisez les cookies pour ce site et réessayez. Si cela persiste, communiquez le numéro de l’erreur à la personne qui gère cette application.",
		},
		too_many_requests: {
			title: "Trop de tentatives",
			message:
				"Plus de connexions qu’il n’est permis ont été lancées depuis votre réseau en une minute. Patientez un peu, puis réessayez.",
		},
		transaction_invalid: {
			title: "Cette tentative de connexion n’est plus valable",
			message:
				"Elle a peut-être duré plus de dix minutes, commencé dans un autre navigateur, ou été remplacée par une plus récente. Votre compte n’est pas en cause : veuillez vous connecter de nouveau.",
		},
		transaction_reused: {
			title: "Cette tentative de connexion est terminée",
			message:
				"Chaque tentative ne sert qu’une fois. Elle a sans doute été relancée avec « Retour » ou « Actualiser ». Si vous n’êtes pas connecté, veuillez vous connecter de nouveau.",
		},
		unknown_origin: {
			title: "Cette adresse n’est pas prévue pour la connexion",
			message:
				"L’application a été ouverte à une adresse qu’elle ne connaît pas. Utilisez son adresse habituelle, ou demandez à la personne qui gère cette application d’ajouter celle-ci.",
		},
		userinfo_invalid: {
			title: "Votre profil n’a pas pu être lu",
			message:
				"Le service de connexion n’a pas envoyé de profil valide pour votre compte ; vous n’avez donc pas été connecté. Veuillez réessayer. Si cela persiste, communiquez le numéro de l’erreur à la personne qui gère cette application.",
		},
	},
};
