import type { Texts } from "../texts.ts";

/** Italian. */
export const italian: Texts = {
	lang: "it",

	signIn: "Accedi",
	signInWith: "Accedi con {provider}",
	signInToContinue: "Accedi per continuare.",
	chooseHowToSignIn: "Scegli come accedere per continuare.",
	noProviders:
		"Nessun servizio di accesso è configurato. Rivolgiti a chi gestisce questa applicazione.",
	attemptExpired: "Il tuo ultimo tentativo di accesso era scaduto. Riprova.",
	originUnknown:
		"L’accesso non è stato avviato perché il browser non ha indicato da dove arrivi. Scegli di nuovo come accedere. Se questa pagina ricompare, consenti i suoi cookie.",
	signedInAs: "Hai effettuato l’accesso come {name}.",
	signInAgainOrAsAnother: "Accedi di nuovo o con un altro account",

	oneMoment: "Un momento",
	continue: "Continua",
	ifNothingHappensContinue: "Se non succede nulla, scegli «Continua».",
	signingIn: "Accesso in corso",
	signedInIfNothingHappens: "Hai effettuato l’accesso. Se non succede nulla, scegli «Continua».",
	sentOn: "Stai per essere reindirizzato. Se non succede nulla, scegli «Continua».",
	pageIsOpening: "La pagina si sta aprendo. Se non succede nulla, scegli «Continua».",
	renewing: "La tua sessione è in fase di rinnovo.",
	renewingFailed:
		"Al momento non è stato possibile rinnovare la sessione. Riprova tra qualche minuto.",

	signOut: "Esci",
	signOutQuestion: "Vuoi uscire?",
	signOutMeaning: "La tua sessione in questo browser verrà chiusa.",
	staySignedIn: "Resta connesso",
	signingOut: "Uscita in corso",
	ifNothingHappensSignOut: "Se non succede nulla, scegli «Esci».",
	signedOut: "Sessione chiusa",
	youAreSignedOut: "Sei uscito",
	endedThere: "Anche la tua sessione su {provider} è stata chiusa.",
	endedAtService: "Anche la tua sessione presso il servizio di accesso è stata chiusa.",
	maybeSignedInThere:
		"La tua sessione su {provider} potrebbe essere ancora aperta. Su un computer condiviso, esci anche da lì.",
	maybeSignedInAtService:
		"La tua sessione presso il servizio di accesso potrebbe essere ancora aperta. Su un computer condiviso, esci anche da lì.",
	signOutThereToo: "Esci anche da lì",
	signInAgain: "Accedi di nuovo",

	noAccess: "Accesso negato",
	noAccessToPage: "Non hai accesso a questa pagina",
	noAccessFor:
		"Hai effettuato l’accesso come {name}, e questo account non può aprire questa pagina.",
	noAccessAdvice:
		"Se ti serve, chiedi l’accesso a chi gestisce questa applicazione, oppure esci e usa un altro account.",
	noAccessSignIn: "Non hai effettuato l’accesso. Dopo l’accesso forse potrai aprire questa pagina.",

	tryAgain: "Riprova",
	backToStart: "Torna alla pagina iniziale",
	errorId: "Numero dell’errore, se chiedi aiuto",
	serviceSaid: "Messaggio del servizio di accesso:",

	askTitle: "Sei stato tu?",
	askForApp:
		"È stato avviato un accesso per una pagina di questa applicazione, e questo browser non è riuscito a stabilire da chi.",
	askInside:
		"È stato avviato un accesso per questa applicazione all’interno di {site}, e questo browser non è riuscito a stabilire da chi.",
	askAdvice:
		"Continua solo se hai appena scelto tu di accedere lì. Se ti ha portato qui un link o un messaggio, chiudi questa finestra.",
	yesContinue: "Sì, continua",
	youAreSignedIn: "Hai effettuato l’accesso",
	closeWindow: "Puoi chiudere questa finestra e riprendere da dove eri.",
	openerIsLost:
		"Questa finestra non riesce a raggiungere la pagina che l’ha aperta. Se quella pagina non va avanti, apri l’applicazione a parte:",
	openAppHere: "Apri l’applicazione qui",
	youAreSignedOutThere: "Sei uscito da lì",
	windowWaiting: "Continua nella finestra che si è aperta. Questa pagina proseguirà da sola.",
	windowBlocked: "Il browser ha bloccato la finestra. Consentila o premi di nuovo il pulsante.",
	windowLost:
		"Dalla finestra non è arrivato nulla. Se lì hai effettuato l’accesso, accedi ancora una volta qui, oppure apri l’applicazione in una nuova scheda.",
	windowRefused:
		"Non è stato possibile completare qui l’accesso. Riprova o apri l’applicazione in una nuova scheda.",
	windowUnkept:
		"Il browser non conserva l’accesso per una pagina all’interno di un’altra. Apra l’applicazione in una nuova scheda.",
	openInNewTab: "Apri in una nuova scheda",

	errors: {
		access_denied: {
			title: "L’accesso non è stato completato",
			message:
				"L’accesso è stato annullato, oppure il servizio di accesso non lo ha consentito per questa applicazione. Puoi riprovare o chiedere l’accesso a chi gestisce questa applicazione.",
		},
		answer_changed: {
			title: "La risposta non corrisponde",
			message:
				"La risposta del servizio di accesso non corrisponde all’accesso iniziato qui, quindi l’accesso non è avvenuto. Accedi di nuovo. Se succede due volte, comunica il numero dell’errore a chi gestisce questa applicazione.",
		},
		callback_invalid: {
			title: "Non è stato possibile completare l’accesso",
			message:
				"La risposta del servizio di accesso era incompleta o non corrispondeva. Ricomincia dall’applicazione, non da un segnalibro o da una vecchia scheda.",
		},
		claims_invalid: {
			title: "Il servizio di accesso non ha inviato ciò che serve a questa applicazione",
			message:
				"Questa applicazione ha bisogno di dati sul tuo account che il servizio di accesso non ha inviato, o ha inviato in un’altra forma, perciò l’accesso non è avvenuto. Puoi riprovare con un altro account, o comunicare il numero dell’errore a chi gestisce questa applicazione.",
		},
		clock_skew: {
			title: "Gli orologi non coincidono",
			message:
				"Il servizio di accesso e questa applicazione hanno orari diversi, perciò l’accesso non ha potuto essere confermato. Riprova tra un momento. Se il problema rimane, chiedi a chi gestisce questa applicazione di controllare l’orologio del server.",
		},
		config_invalid: {
			title: "Questa applicazione non è configurata correttamente",
			message:
				"Non sarà possibile accedere finché la configurazione non verrà corretta. Avvisa chi gestisce questa applicazione.",
		},
		cookies_blocked: {
			title: "Il browser non ha conservato i cookie",
			message:
				"Per accedere servono i cookie, e non ne è tornato nessuno. Forse i cookie sono disattivati per questo sito, l’indirizzo inizia con http: invece che con https:, oppure stai usando Safari con http://localhost, che richiede anch’esso https. Consenti i cookie o usa l’indirizzo https, poi riprova.",
		},
		cookies_too_large: {
			title: "Troppi dati di accesso",
			message:
				"Il tuo account comporta più dati di accesso di quanti un browser ne possa conservare. Chiedi a chi gestisce questa applicazione di ridurre ciò che invia il servizio di accesso, per esempio l’elenco dei gruppi.",
		},
		csrf_failed: {
			title: "Non è stato possibile confermare questa richiesta",
			message:
				"Per proteggere il tuo account non è stato fatto nulla: non era certo che la richiesta venisse da questa applicazione. Torna alla pagina iniziale e rifalla da lì.",
		},
		forbidden: {
			title: "Non hai accesso",
			message:
				"Il tuo account non può farlo. Se ti serve, chiedi l’accesso a chi gestisce questa applicazione.",
		},
		handoff_invalid: {
			title: "L’accesso non è arrivato alla sua finestra",
			message:
				"Lì forse hai effettuato l’accesso, ma la finestra che lo aveva chiesto non ha potuto riceverlo: è passato troppo tempo, è stata chiusa o ricaricata, oppure non era autorizzata a chiederlo. Chiudi questa finestra e accedi di nuovo da dove eri partito.",
		},
		insecure_origin: {
			title: "Serve una connessione sicura",
			message:
				"Questa applicazione è stata aperta con il semplice http, e si può accedere solo con https. Apri l’indirizzo che inizia con https:, oppure chiedilo a chi gestisce questa applicazione.",
		},
		internal_error: {
			title: "Qualcosa è andato storto",
			message:
				"Si è verificato un errore imprevisto da parte nostra. Riprova. Se il problema rimane, comunica il numero dell’errore a chi gestisce questa applicazione.",
		},
		issuer_mismatch: {
			title: "La risposta è arrivata da un altro servizio",
			message:
				"Il servizio di accesso che ha risposto non è quello interpellato, perciò l’accesso è stato interrotto. Ricomincia. Se il problema rimane, avvisa chi gestisce questa applicazione.",
		},
		login_required: {
			title: "Effettua l’accesso",
			message:
				"Non hai effettuato l’accesso, o la tua sessione è terminata. Accedi per continuare.",
		},
		method_not_allowed: {
			title: "Qui non è possibile",
			message: "Questo indirizzo non si può usare in questo modo. Torna alla pagina iniziale.",
		},
		not_found: {
			title: "Pagina non trovata",
			message: "A questo indirizzo non c’è nulla. Controllalo o torna alla pagina iniziale.",
		},
		provider_error: {
			title: "Il servizio di accesso segnala un problema",
			message:
				"Lì non è stato possibile completare l’accesso. Riprova tra un momento. Se il problema rimane, comunica il numero dell’errore a chi gestisce questa applicazione.",
		},
		provider_misconfigured: {
			title: "Il servizio di accesso non è configurato correttamente",
			message:
				"Questa applicazione e il servizio di accesso non sono configurati per lavorare insieme. Avvisa chi gestisce questa applicazione e comunica il numero dell’errore.",
		},
		provider_unreachable: {
			title: "Il servizio di accesso non risponde",
			message:
				"Il servizio con cui accedi non è raggiungibile in questo momento. Riprova tra qualche minuto.",
		},
		refresh_required: {
			title: "La tua sessione va rinnovata",
			message: "Prima di proseguire la tua sessione va rinnovata. Apri di nuovo la pagina.",
		},
		token_invalid: {
			title: "Non è stato possibile confermare il tuo accesso",
			message:
				"Ciò che il servizio di accesso ha inviato non ha superato i nostri controlli, perciò l’accesso non è avvenuto. Riprova. Se il problema rimane, comunica il numero dell’errore a chi gestisce questa applicazione.",
		},
		too_many_redirects: {
			title: "L’accesso girava a vuoto",
			message:
				"Ci siamo fermati perché la pagina continuava a rimandare il browser avanti e indietro. Forse i cookie sono bloccati o in parte cancellati. Consenti i cookie per questo sito e riprova. Se il problema rimane, comunica il numero dell’errore a chi gestisce questa applicazione.",
		},
		too_many_requests: {
			title: "Troppi tentativi",
			message:
				"Dalla tua rete sono stati avviati in un minuto più accessi di quanti siano consentiti. Aspetta un po’ e riprova.",
		},
		transaction_invalid: {
			title: "Questo tentativo di accesso non è più valido",
			message:
				"Forse è durato più di dieci minuti, è iniziato in un altro browser o è stato sostituito da uno più recente. Il tuo account è a posto: accedi di nuovo.",
		},
		transaction_reused: {
			title: "Questo tentativo di accesso è terminato",
			message:
				"Ogni tentativo vale una volta sola. Probabilmente è stato ripetuto con «Indietro» o «Ricarica». Se non risulti connesso, accedi di nuovo.",
		},
		unknown_origin: {
			title: "Questo indirizzo non è predisposto per l’accesso",
			message:
				"L’applicazione è stata aperta con un indirizzo che non conosce. Usa quello abituale, o chiedi a chi gestisce questa applicazione di aggiungere questo.",
		},
		userinfo_invalid: {
			title: "Non è stato possibile leggere il tuo profilo",
			message:
				"Il servizio di accesso non ha inviato un profilo valido per il tuo account, perciò l’accesso non è avvenuto. Riprova. Se il problema rimane, comunica il numero dell’errore a chi gestisce questa applicazione.",
		},
	},
};
