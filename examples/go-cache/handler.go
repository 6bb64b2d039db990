// Caches pages that are slow to make for five minutes, by path.

const cacheTTL = 300 // seconds

func handler(w http.ResponseWriter, r *http.Request) {
	key := "page" + r.URL.Path
	page, err := kvGetWithExpiry(key)
	if err == nil && page != "" {
		w.Header().Set("X-Cache", "HIT")
		fmt.Fprint(w, page)
		return
	}

	page = makePage(r.URL.Path)
	if err := kvPutWithExpiry(key, page, cacheTTL); err != nil {
		log.Print(err)
	}
	w.Header().Set("X-Cache", "MISS")
	fmt.Fprint(w, page)
}

func makePage(path string) string {
	time.Sleep(200 * time.Millisecond) // the slow part
	return fmt.Sprintf("A page about %s\n", path)
}
