import type { Texts } from "../texts.ts";

/** Spanish. */
export const spanish: Texts = {
	lang: "es",

	signIn: "Iniciar sesión",
	signInWith: "Iniciar sesión con {provider}",
	signInToContinue: "Inicia sesión para continuar.",
	chooseHowToSignIn: "Elige cómo iniciar sesión para continuar.",
	noProviders:
		"No hay ningún servicio de inicio de sesión configurado. Consulta a la persona responsable de esta aplicación.",
	attemptExpired: "Tu último intento de inicio de sesión había caducado. Inténtalo de nuevo.",
	originUnknown:
		"No se ha iniciado la sesión porque tu navegador no indicó de dónde vienes. Elige de nuevo cómo iniciar sesión. Si esta página vuelve a aparecer, permite sus cookies.",
	signedInAs: "Has iniciado sesión como {name}.",
	signInAgainOrAsAnother: "Iniciar sesión de nuevo o con otra cuenta",

	oneMoment: "Un momento",
	continue: "Continuar",
	ifNothingHappensContinue: "Si no ocurre nada, elige «Continuar».",
	signingIn: "Iniciando sesión",
	signedInIfNothingHappens: "Has iniciado sesión. Si no ocurre nada, elige «Continuar».",
	sentOn: "Te estamos redirigiendo. Si no ocurre nada, elige «Continuar».",
	pageIsOpening: "La página se está abriendo. Si no ocurre nada, elige «Continuar».",
	renewing: "Tu sesión se está renovando.",
	renewingFailed:
		"Tu sesión no se ha podido renovar ahora mismo. Inténtalo de nuevo en unos minutos.",

	signOut: "Cerrar sesión",
	signOutQuestion: "¿Quieres cerrar sesión?",
	signOutMeaning: "Se cerrará tu sesión en este navegador.",
	staySignedIn: "Mantener la sesión abierta",
	signingOut: "Cerrando sesión",
	ifNothingHappensSignOut: "Si no ocurre nada, elige «Cerrar sesión».",
	signedOut: "Sesión cerrada",
	youAreSignedOut: "Has cerrado sesión",
	endedThere: "Tu sesión en {provider} también se ha cerrado.",
	endedAtService: "Tu sesión en el servicio de inicio de sesión también se ha cerrado.",
	maybeSignedInThere:
		"Puede que tu sesión en {provider} siga abierta. Si compartes el ordenador, ciérrala también allí.",
	maybeSignedInAtService:
		"Puede que tu sesión en el servicio de inicio de sesión siga abierta. Si compartes el ordenador, ciérrala también allí.",
	signOutThereToo: "Cerrar sesión también allí",
	signInAgain: "Volver a iniciar sesión",

	noAccess: "Sin acceso",
	noAccessToPage: "No tienes acceso a esta página",
	noAccessFor: "Has iniciado sesión como {name}, y esta cuenta no puede abrir esta página.",
	noAccessAdvice:
		"Si la necesitas, pide acceso a la persona responsable de esta aplicación, o cierra sesión y usa otra cuenta.",
	noAccessSignIn: "No has iniciado sesión. Puede que al hacerlo puedas abrir esta página.",

	tryAgain: "Intentar de nuevo",
	backToStart: "Volver al inicio",
	errorId: "Número de error, por si pides ayuda",
	serviceSaid: "Mensaje del servicio de inicio de sesión:",

	askTitle: "¿Has sido tú?",
	askForApp:
		"Se ha empezado a iniciar sesión para una página de esta aplicación, y este navegador no ha podido saber quién lo hizo.",
	askInside:
		"Se ha empezado a iniciar sesión para esta aplicación dentro de {site}, y este navegador no ha podido saber quién lo hizo.",
	askAdvice:
		"Continúa solo si acabas de decidir iniciar sesión allí. Si te ha traído aquí un enlace o un mensaje, cierra esta ventana.",
	yesContinue: "Sí, continuar",
	youAreSignedIn: "Has iniciado sesión",
	closeWindow: "Puedes cerrar esta ventana y seguir donde estabas.",
	openerIsLost:
		"Esta ventana no puede comunicarse con la página que la abrió. Si esa página no avanza, abre la aplicación por separado:",
	openAppHere: "Abrir la aplicación aquí",
	youAreSignedOutThere: "Has cerrado sesión allí",
	windowWaiting: "Sigue en la ventana que se ha abierto. Esta página continuará por sí sola.",
	windowBlocked: "Tu navegador ha bloqueado la ventana. Permítela o pulsa el botón otra vez.",
	windowLost:
		"No ha llegado nada de la ventana. Si has iniciado sesión allí, hazlo una vez más aquí, o abre la aplicación en una pestaña nueva.",
	windowRefused:
		"No se ha podido recoger el inicio de sesión. Inténtalo de nuevo o abre la aplicación en una pestaña nueva.",
	windowUnkept:
		"Tu navegador no conserva el inicio de sesión de una página dentro de otra. Abre la aplicación en una pestaña nueva.",
	openInNewTab: "Abrir en una pestaña nueva",

	errors: {
		access_denied: {
			title: "El inicio de sesión no se completó",
			message:
				"Se canceló, o el servicio de inicio de sesión no lo permitió para esta aplicación. Puedes intentarlo de nuevo o pedir acceso a la persona responsable de esta aplicación.",
		},
		answer_changed: {
			title: "La respuesta no corresponde",
			message:
				"La respuesta del servicio de inicio de sesión no corresponde al inicio de sesión que se empezó aquí, así que no has iniciado sesión. Inicia sesión de nuevo. Si ocurre dos veces, da el número de error a la persona responsable de esta aplicación.",
		},
		callback_invalid: {
			title: "No se pudo completar el inicio de sesión",
			message:
				"La respuesta del servicio de inicio de sesión estaba incompleta o no encajaba. Empieza de nuevo desde la aplicación, no desde un marcador ni desde una pestaña antigua.",
		},
		claims_invalid: {
			title: "El servicio de inicio de sesión no envió lo que esta aplicación necesita",
			message:
				"Esta aplicación necesita datos de tu cuenta que el servicio de inicio de sesión no envió, o envió de otra forma, así que no se inició la sesión. Puedes intentarlo con otra cuenta o dar el número de error a la persona responsable de esta aplicación.",
		},
		clock_skew: {
			title: "Los relojes no coinciden",
			message:
				"El servicio de inicio de sesión y esta aplicación no tienen la misma hora, por lo que no se pudo confirmar el inicio de sesión. Inténtalo de nuevo en un momento. Si sigue igual, pide a la persona responsable de esta aplicación que revise el reloj del servidor.",
		},
		config_invalid: {
			title: "Esta aplicación no está bien configurada",
			message:
				"No se podrá iniciar sesión hasta que se corrija la configuración. Avisa a la persona responsable de esta aplicación.",
		},
		cookies_blocked: {
			title: "Tu navegador no conservó las cookies",
			message:
				"Para iniciar sesión hacen falta cookies, y no volvió ninguna. Puede que estén desactivadas para este sitio, que la dirección empiece por http: en lugar de https:, o que uses Safari con http://localhost, que también necesita https. Permite las cookies o usa la dirección con https, e inténtalo de nuevo.",
		},
		cookies_too_large: {
			title: "Demasiados datos de inicio de sesión",
			message:
				"Tu cuenta lleva más datos de inicio de sesión de los que un navegador puede guardar. Pide a la persona responsable de esta aplicación que reduzca lo que envía el servicio, por ejemplo la lista de grupos.",
		},
		csrf_failed: {
			title: "No se pudo confirmar esta solicitud",
			message:
				"Para proteger tu cuenta no se hizo nada: no era seguro que la solicitud viniera de esta aplicación. Vuelve al inicio y hazlo de nuevo desde allí.",
		},
		forbidden: {
			title: "No tienes acceso",
			message:
				"Tu cuenta no puede hacer esto. Si lo necesitas, pide acceso a la persona responsable de esta aplicación.",
		},
		handoff_invalid: {
			title: "El inicio de sesión no llegó a su ventana",
			message:
				"Puede que allí hayas iniciado sesión, pero la ventana que lo pidió no pudo recogerlo: tardó demasiado, se cerró o se recargó, o no tenía permiso para pedirlo. Cierra esta ventana e inicia sesión de nuevo en el lugar del que venías.",
		},
		insecure_origin: {
			title: "Hace falta una conexión segura",
			message:
				"Esta aplicación se abrió por http sin cifrar, y solo se puede iniciar sesión por https. Abre la dirección que empieza por https:, o pídela a la persona responsable de esta aplicación.",
		},
		internal_error: {
			title: "Algo ha salido mal",
			message:
				"Se ha producido un error inesperado por nuestra parte. Inténtalo de nuevo. Si sigue igual, da el número de error a la persona responsable de esta aplicación.",
		},
		issuer_mismatch: {
			title: "La respuesta vino de otro servicio",
			message:
				"El servicio que respondió no es al que se preguntó, así que se detuvo el inicio de sesión. Empieza de nuevo. Si sigue igual, avisa a la persona responsable de esta aplicación.",
		},
		login_required: {
			title: "Inicia sesión",
			message: "No has iniciado sesión, o tu sesión ha terminado. Inicia sesión para continuar.",
		},
		method_not_allowed: {
			title: "Esto no funciona aquí",
			message: "Esta dirección no se puede usar así. Vuelve al inicio.",
		},
		not_found: {
			title: "Página no encontrada",
			message: "No hay nada en esta dirección. Compruébala o vuelve al inicio.",
		},
		provider_error: {
			title: "El servicio de inicio de sesión informa de un problema",
			message:
				"Allí no se pudo completar el inicio de sesión. Inténtalo de nuevo en un momento. Si sigue igual, da el número de error a la persona responsable de esta aplicación.",
		},
		provider_misconfigured: {
			title: "El servicio de inicio de sesión no está bien configurado",
			message:
				"Esta aplicación y el servicio de inicio de sesión no están configurados para trabajar juntos. Avisa a la persona responsable de esta aplicación y dale el número de error.",
		},
		provider_unreachable: {
			title: "El servicio de inicio de sesión no responde",
			message:
				"Ahora mismo no se puede acceder al servicio con el que inicias sesión. Inténtalo de nuevo en unos minutos.",
		},
		refresh_required: {
			title: "Hay que renovar tu sesión",
			message: "Antes de seguir hay que renovar tu sesión. Abre la página de nuevo.",
		},
		token_invalid: {
			title: "No se pudo confirmar tu inicio de sesión",
			message:
				"Lo que envió el servicio de inicio de sesión no superó nuestras comprobaciones, así que no se inició la sesión. Inténtalo de nuevo. Si sigue igual, da el número de error a la persona responsable de esta aplicación.",
		},
		too_many_redirects: {
			title: "El inicio de sesión daba vueltas",
			message:
				"Nos detuvimos porque la página enviaba tu navegador de un lado a otro. Puede que las cookies estén bloqueadas o se hayan borrado en parte. Permite las cookies para este sitio e inténtalo de nuevo. Si sigue igual, da el número de error a la persona responsable de esta aplicación.",
		},
		too_many_requests: {
			title: "Demasiados intentos",
			message:
				"Desde tu red se ha empezado a iniciar sesión en un minuto más veces de las permitidas. Espera un poco e inténtalo de nuevo.",
		},
		transaction_invalid: {
			title: "Este intento de inicio de sesión ya no es válido",
			message:
				"Puede que haya durado más de diez minutos, que empezara en otro navegador o que lo haya sustituido otro más reciente. A tu cuenta no le pasa nada: inicia sesión de nuevo.",
		},
		transaction_reused: {
			title: "Este intento de inicio de sesión ha terminado",
			message:
				"Cada intento sirve una sola vez. Seguramente se repitió con «Atrás» o «Recargar». Si no tienes la sesión iniciada, iníciala de nuevo.",
		},
		unknown_origin: {
			title: "Esta dirección no está preparada para iniciar sesión",
			message:
				"La aplicación se abrió con una dirección que no conoce. Usa su dirección habitual o pide a la persona responsable de esta aplicación que añada esta.",
		},
		userinfo_invalid: {
			title: "No se pudo leer tu perfil",
			message:
				"El servicio de inicio de sesión no envió un perfil válido de tu cuenta, así que no se inició la sesión. Inténtalo de nuevo. Si sigue igual, da el número de error a la persona responsable de esta aplicación.",
		},
	},
};
