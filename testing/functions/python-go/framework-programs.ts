/** Applications of frameworks that do the same: each counts, limits, and says which version and process it is. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "fast.py": `
from contextlib import asynccontextmanager
from fastapi import FastAPI
from kvasir import AsyncNamespace
from kvasir.client import namespace_from_environment
from kvasir.recipes import AsyncRateLimiter

VERSION = "one"

@asynccontextmanager
async def lifespan(app):
    app.state.kv = AsyncNamespace(namespace_from_environment())
    app.state.limiter = AsyncRateLimiter(app.state.kv, limit=10, window_seconds=86400)
    yield

app = FastAPI(lifespan=lifespan)

@app.post("/count")
async def count():
    return await app.state.kv.increment("count")

@app.post("/limited")
async def limited():
    return (await app.state.limiter.check("everybody")).allowed

@app.get("/about")
async def about():
    await kv_get("count")
    return {"version": VERSION, "pid": os.getpid()}
`,
  "flasky.py": `
from flask import Flask, jsonify
from kvasir.client import namespace_from_environment
from kvasir.recipes import RateLimiter

VERSION = "one"
app = Flask(__name__)
kv = namespace_from_environment()
limiter = RateLimiter(kv, limit=10, window_seconds=86400)

@app.post("/count")
def count():
    return jsonify(kv.increment("count"))

@app.post("/limited")
def limited():
    return jsonify(limiter.check("everybody").allowed)

@app.get("/about")
def about():
    kv.get("count")
    return {"version": VERSION, "pid": os.getpid()}
`,
  "shop/go.mod": `module example.com/shop

go 1.21

require github.com/go-chi/chi/v5 v5.2.1
`,
  "shop/go.sum": `github.com/go-chi/chi/v5 v5.2.1 h1:KOIHODQj58PmL80G2Eak4WdvUzjSJSm0vG72crDCqb8=
github.com/go-chi/chi/v5 v5.2.1/go.mod h1:L2yAIGWB3H+phAw1NxKwWM+7eUH/lU8pOMm5hHcoops=
`,
  "shop/shop.go": `package shop

import (
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/kvasir-kv/kvasir/sdks/go"
	"github.com/kvasir-kv/kvasir/sdks/go/recipes/ratelimit"
)

const version = "one"

func routes() http.Handler {
	kv, err := kvasir.NamespaceFromEnvironment("")
	if err != nil {
		panic(err)
	}
	limiter, err := ratelimit.New(kv, ratelimit.Options{Limit: 10, Window: 24 * time.Hour})
	if err != nil {
		panic(err)
	}
	tell := func(w http.ResponseWriter, value any, err error) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		json.NewEncoder(w).Encode(value)
	}
	router := chi.NewRouter()
	router.Post("/count", func(w http.ResponseWriter, r *http.Request) {
		count, err := kv.Increment(r.Context(), "count", 1, 0)
		tell(w, count, err)
	})
	router.Post("/limited", func(w http.ResponseWriter, r *http.Request) {
		result, err := limiter.Check(r.Context(), "everybody")
		tell(w, result.Allowed, err)
	})
	router.Get("/about", func(w http.ResponseWriter, r *http.Request) {
		_, err := kvGet("count")
		tell(w, map[string]any{"version": version, "pid": os.Getpid()}, err)
	})
	return router
}

var handler http.Handler = routes()
`,
};
