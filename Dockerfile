# imrllm with every extra that does not need a GPU. Mount the folder of letters and results:
#   docker build -t imrllm .
#   docker run --rm -v "$PWD:/work" imrllm extract letters/ --model none -o records.jsonl
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
RUN pip install --no-cache-dir --prefix /installed '.[local,evals,export]'

FROM python:3.12-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends libgomp1 \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /installed /usr/local
RUN useradd --create-home reader
USER reader
WORKDIR /work
ENTRYPOINT ["imrllm"]
CMD ["--help"]
