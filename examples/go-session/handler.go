package function

import "crypto/rand" // not math/rand, whose values can be guessed

// A cookie identifies a visitor. A session ends an hour after the last visit.

const sessionTTL = 3600 // seconds

type session struct {
	Visits int `json:"visits"`
}

func handler(w http.ResponseWriter, r *http.Request) {
	id := sessionID(w, r)

	stored, err := kvGet("session/" + id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	var visitor session
	if stored != "" {
		json.Unmarshal([]byte(stored), &visitor)
	}
	visitor.Visits++

	// The store deletes the session when it expires. Every visit starts the hour again.
	updated, _ := json.Marshal(visitor)
	kvPut("session/"+id, string(updated), sessionTTL)
	w.Header().Set("Content-Type", "application/json")
	w.Write(updated)
}

func sessionID(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie("session"); err == nil {
		return cookie.Value
	}
	random := make([]byte, 18)
	rand.Read(random)
	id := hex.EncodeToString(random)
	http.SetCookie(w, &http.Cookie{Name: "session", Value: id, HttpOnly: true, MaxAge: sessionTTL, Path: "/"})
	return id
}
