package subject;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/** The standard app, as functional endpoints: unlike annotated ones they answer any method. */
@Configuration
@EnableWebMvc
class StandardApp {
    @Bean
    RouterFunction<ServerResponse> routes() {
        return at("/plain", request -> ServerResponse.ok()
                        .header("X-Total", "7").eTag("\"7\"").body(request.method().name()))
                .and(at("/vary", request -> ServerResponse.ok()
                        .header("Vary", "Accept-Language").body(request.method().name())))
                .and(at("/own-cors", request -> ServerResponse.ok()
                        .header("Access-Control-Allow-Origin", "https://own.example")
                        .body(request.method().name())))
                .and(at("/status/{n}", request -> ServerResponse
                        .status(status(request.pathVariable("n"))).build()))
                .and(at("/throw", request -> {
                    throw new IllegalStateException("the handler failed");
                }))
                .and(at("/redirect", request -> request.param("to")
                        .map(to -> ServerResponse.status(302).header("Location", to).build())
                        .orElseGet(() -> ServerResponse.badRequest().build())));
    }

    /** A handler says that it runs before it does anything. */
    private static RouterFunction<ServerResponse> at(String path, HandlerFunction<ServerResponse> handler) {
        return RouterFunctions.route(RequestPredicates.path(path), request -> {
            request.param("case").ifPresent(name -> Mounts.of(request.servletRequest()).count(name));
            return handler.handle(request);
        });
    }

    /** A final status; there is no answering with an interim one. */
    private static int status(String text) {
        return text.matches("[2-5][0-9][0-9]") ? Integer.parseInt(text) : 400;
    }
}
